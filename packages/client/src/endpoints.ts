import { ClientError } from './client-error.ts';

/** The members of a cluster, of which one is in use until it fails. */
export class Endpoints {
  readonly #urls: readonly string[];
  #current = 0;

  /** Takes `host:port` or a URL. */
  constructor(endpoints: readonly string[]) {
    if (endpoints.length === 0) throw badEndpoint('there are no endpoints');
    this.#urls = endpoints.map(endpointUrl);
  }

  get count(): number {
    return this.#urls.length;
  }

  get current(): string {
    return this.#urls[this.#current] ?? '';
  }

  /** Moves on, unless another call that failed there already did. */
  leave(url: string): void {
    if (url === this.current) this.#current = (this.#current + 1) % this.#urls.length;
  }
}

function endpointUrl(endpoint: string): string {
  try {
    const url = new URL(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.href.replace(/\/+$/, '');
  } catch {}
  throw badEndpoint(`"${endpoint}" is no endpoint`);
}

function badEndpoint(message: string): ClientError {
  return new ClientError(
    'invalid_endpoint',
    'not-applied',
    message,
    'Give addresses such as "127.0.0.1:7001" or "https://flotilla.example".',
  );
}
