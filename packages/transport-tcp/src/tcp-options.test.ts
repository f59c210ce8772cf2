import { expect, test } from 'vitest';
import { type TcpTransportOptions, tcpConfig } from './tcp-options.ts';

const options: TcpTransportOptions = {
  clusterId: 'test',
  memberId: 1,
  listen: { host: '127.0.0.1', port: 0 },
};

test('has a default for everything that may be left out', () => {
  expect(tcpConfig(options)).toMatchObject({ frameBytesMax: 16 * 1024 ** 2, queueBytesMax: 64 * 1024 ** 2, handshakeTimeoutMs: 5_000 });
});

test.each<[string, Partial<TcpTransportOptions>]>([
  ['an empty cluster id', { clusterId: '' }],
  ['a cluster id of more than 255 bytes', { clusterId: 'ä'.repeat(128) }],
  ['member 0', { memberId: 0 }],
  ['a member id beyond 32 bits', { memberId: 2 ** 32 }],
  ['an advertised address without a port', { advertise: 'a.example.org' }],
  ['an advertised address that nobody can connect to', { advertise: 'a.example.org:0' }],
  ['an advertised address that is too long', { advertise: `${'a'.repeat(255)}:1` }],
  ['an incarnation beyond ASCII', { incarnation: 'ä' }],
  ['an incarnation that is too long', { incarnation: 'a'.repeat(65) }],
  ['fewer guests than none', { guestsMax: -1 }],
  ['a port that is none', { listen: { host: 'a', port: 65_536 } }],
  ['a queue smaller than a frame', { queueBytesMax: 2_000, frameBytesMax: 3_000 }],
  ['pauses that shrink', { reconnect: { minMs: 10, maxMs: 5 } }],
  ['no time for a handshake', { handshakeTimeoutMs: 0 }],
])('refuses %s', (_name, wrong) => {
  expect(() => tcpConfig({ ...options, ...wrong })).toThrow(expect.objectContaining({ code: 'config_invalid' }));
});
