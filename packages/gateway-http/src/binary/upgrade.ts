import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { binaryPath, protocolName } from './protocol.ts';

/** Whether a request asks for the binary protocol, where it is. */
export function asksForBinary({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && url === binaryPath && tokensOf(headers.upgrade ?? '').includes(protocolName);
}

/** The answer after which a connection speaks the binary protocol. */
export const switchingProtocols = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${protocolName}\r\nConnection: Upgrade\r\n\r\n`;

/**
 * Serves a request as if it had asked for no other protocol, which is what a server does that does not know it (RFC 9110, section 7.8).
 * Node gives every such request to whoever listens for upgrades, with the rest of its bytes unread; so the request goes back in front of
 * them, without its offer.
 */
export function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), head]));
  server.emit('connection', socket);
}

function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (name.toLowerCase() === 'upgrade') continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutToken(value, 'upgrade') : value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function tokensOf(list: string): readonly string[] {
  return list.split(',').map((token) => token.trim().toLowerCase());
}

function withoutToken(list: string, token: string): string {
  return tokensOf(list)
    .filter((other) => other !== token)
    .join(', ');
}
