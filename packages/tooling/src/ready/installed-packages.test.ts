import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { staleReason } from './installed-packages.mjs';

const locked = {
  '': {},
  'packages/core': { version: '0.1.0' },
  'node_modules/rxjs': { version: '7.8.2' },
  'node_modules/@biomejs/cli-darwin-arm64': { version: '2.6.8', optional: true },
};
const { 'node_modules/rxjs': rxjs } = locked;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-installed-'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(packages: Record<string, object>): void {
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
}

it('a fresh clone is stale', () => {
  expect(staleReason(root)).toBe('nothing is installed yet');
});

it('an installation of what is locked is not, whatever is missing for other platforms', () => {
  install({ 'node_modules/rxjs': rxjs });
  expect(staleReason(root)).toBeUndefined();
});

it('another version is stale', () => {
  install({ 'node_modules/rxjs': { version: '7.8.1' } });
  expect(staleReason(root)).toBe('rxjs changed');
});

it('a missing package is stale', () => {
  install({});
  expect(staleReason(root)).toBe('rxjs changed');
});
