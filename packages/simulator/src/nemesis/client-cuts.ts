import type { SimHost } from '../cluster/sim-host.ts';

/** Which clients cannot reach which hosts. */
export class ClientCuts {
  readonly #cuts = new Map<SimHost, Map<number, number>>();

  /** Cuts a client off a host until the returned function is called. */
  cut(client: number, host: SimHost): () => void {
    const clients = this.#cuts.get(host) ?? new Map<number, number>();
    this.#cuts.set(host, clients);
    clients.set(client, (clients.get(client) ?? 0) + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const left = (clients.get(client) ?? 1) - 1;
      if (left > 0) clients.set(client, left);
      else clients.delete(client);
      if (clients.size === 0) this.#cuts.delete(host);
    };
  }

  reaches(client: number, host: SimHost): boolean {
    return this.#cuts.size === 0 || !this.#cuts.get(host)?.has(client);
  }
}
