import { expect, it } from 'vitest';
import { isNodeNewEnough } from './node-version.mjs';

it.each([
  ['v20.18.9', false],
  ['v20.19.0', true],
  ['v20.19.4', true],
  ['v18.20.0', false],
  ['v22.1.0', true],
])('Node %s: %s', (version, enough) => {
  expect(isNodeNewEnough(version, '20.19.0')).toBe(enough);
});
