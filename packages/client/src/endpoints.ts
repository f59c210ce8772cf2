import { ClientError } from './client-error.ts';

/** The most members that are learned besides the given endpoints. */
const learnedMax = 64;

/**
 * Where the members of a cluster are reached, of which one is in use until it fails: those that the client was given, and
 * those that it learned from them.
 */
export class Endpoints {
  readonly #given: readonly string[];
  #urls: readonly string[];
  #current: string;

  /** Takes `host:port` or a URL. */
  constructor(endpoints: readonly string[]) {
    const [first, ...others] = endpoints.map(endpointUrl);
    if (first === undefined) throw badEndpoint('there are no endpoints');
    this.#given = [...new Set([first, ...others])];
    this.#urls = this.#given;
    this.#current = first;
  }

  get count(): number {
    return this.#urls.length;
  }

  get current(): string {
    return this.#current;
  }

  /** Moves on, unless another call that failed there already did. */
  leave(url: string): void {
    if (url === this.#current) this.#current = this.#urls[(this.#urls.indexOf(url) + 1) % this.#urls.length] ?? url;
  }

  /** Replaces what was learned before. The given endpoints stay, behind it, for when everything learned is out of date. */
  learn(addresses: readonly string[]): void {
    const learned = addresses.slice(0, learnedMax).flatMap((address) => readableUrl(address) ?? []);
    // The one in use stays in use: that it is no longer listed is no reason to leave it, but that it fails is.
    this.#urls = [...new Set([...learned, ...this.#given, this.#current])];
  }
}

function endpointUrl(endpoint: string): string {
  const url = readableUrl(endpoint);
  if (url !== null) return url;
  throw badEndpoint(`"${endpoint}" is no endpoint`);
}

/** The URL of an endpoint without a slash at its end; null for what is none. */
export function readableUrl(endpoint: string): string | null {
  try {
    const url = new URL(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.href.replace(/\/+$/, '');
  } catch {}
  return null;
}

function badEndpoint(message: string): ClientError {
  return new ClientError(
    'invalid_endpoint',
    'not-applied',
    message,
    'Give addresses such as "127.0.0.1:7001" or "https://flotilla.example".',
  );
}
