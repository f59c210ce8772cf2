import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from './tcp-address.ts';

test.each([
  ['a.example.org:7001', { host: 'a.example.org', port: 7_001 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
])('reads and writes %s', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
  expect(formatAddress(address)).toBe(text);
});

test.each(['', 'a', 'a:', ':1', 'a:1:2', '::1:80', '[::1]', '[]:1', 'a:65536', 'a:-1', 'a b:1', 'a:1 ', 'http://a:1'])(
  'finds no address in "%s"',
  (text) => {
    expect(parseAddress(text)).toBeNull();
  },
);
