import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';

test.each([
  ['127.0.0.1:7001', '127.0.0.1', 7001],
  ['7001', '127.0.0.1', 7001],
  ['localhost:80', 'localhost', 80],
  ['[::1]:7001', '::1', 7001],
  [' node-1.example:65535 ', 'node-1.example', 65_535],
])('%s', (text, host, port) => {
  expect(parseAddress(text)).toEqual({ host, port });
  expect(parseAddress(formatAddress({ host, port }))).toEqual({ host, port });
});

test.each(['', ':', 'host', 'host:', 'host:65536', '::1:7001', 'http://host:80', 'host:80:80', 'a b:80'])('refuses %j', (text) => {
  expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});
