/** Where a member listens, or is reached. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 address stands in brackets. */
export function formatAddress({ host, port }: TcpAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads what {@link formatAddress} wrote; null for what is no such address. */
export function parseAddress(text: string): TcpAddress | null {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port <= 0xffff ? { host, port } : null;
}
