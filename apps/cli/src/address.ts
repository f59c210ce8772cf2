import { usageError } from './usage-error.ts';

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `[ipv6]:port` or just a port on the loopback interface. Throws a usage error. */
export function parseAddress(text: string): Address {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw usageError(`"${text}" is not an address`, 'Write host:port, for example 127.0.0.1:7001.');
  }
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
