import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../src/process/repository-root.mjs';

it.runIf(process.platform === 'linux')('what a snapshot costs can be measured', { timeout: 180_000 }, () => {
  const command = join(repositoryRoot, 'packages/tooling/snapshot-load/measure.mjs');
  const output = execFileSync(process.execPath, [command, '--gigabytes', '0.01', '--baseline', '2', '--rate', '200'], { encoding: 'utf8' });
  expect(output).toMatch(/200 writes\/s without a snapshot.*\n.*p50 [\d.]+ ms, p99 [\d.]+ ms/);
  expect(output).toMatch(/leader \(member \d\) takes a snapshot: .* MiB\n.*p99/);
  expect(output).toMatch(/follower \(member \d\) takes a snapshot: .* MiB\n.*p99/);
  expect(output).toMatch(/member 4 joins: .* installed after [\d.]+ s/);
});
