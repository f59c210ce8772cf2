import { decide, type RaftState } from '@flotilla/core';
import { defaultRecorderConfig, readRecording, tokens } from '@flotilla/runtime';
import { ContainerModule } from 'inversify';
import { describe, expect, test } from 'vitest';
import { AddingMachine } from '../adding-machine.ts';
import { VirtualCluster } from '../virtual-cluster.ts';
import { MemoryFiles } from './memory-files.ts';

function recordedCluster({ continuous = false } = {}) {
  const files = [new MemoryFiles(), new MemoryFiles(), new MemoryFiles()];
  const modules = (member: number) => [
    new ContainerModule(({ bind }) => {
      bind(tokens.recordingFiles).toConstantValue(files[member - 1] ?? null);
      bind(tokens.recorderConfig).toConstantValue({ ...defaultRecorderConfig, continuous });
    }),
  ];
  return { files, cluster: new VirtualCluster({ machine: () => new AddingMachine(), modules }) };
}

/** Decides a recording again: every step as recorded, the last state the member's own. */
async function replay(text: string): Promise<{ readonly steps: number; readonly state: RaftState }> {
  async function* bytes() {
    yield Buffer.from(text);
  }
  const { header, lines } = await readRecording(bytes());
  let { state } = header;
  let steps = 0;
  let told: RaftState | null = null;
  for await (const line of lines) {
    if (line.kind === 'state') told = line.state;
    if (line.kind !== 'step') continue;
    const decision = decide(state, line.step.input);
    expect(decision.events).toEqual(line.step.events);
    state = decision.state;
    steps++;
  }
  expect(state).toEqual(told);
  return { steps, state };
}

describe('members that are recorded', () => {
  test('decide the same when they are played again, whatever became of them', async () => {
    const { files, cluster } = recordedCluster({ continuous: true });
    await cluster.startAll();
    const first = await cluster.elect();
    for (let i = 0; i < 20; i++) await cluster.settled(cluster.group(1 + (i % 3)).execute({ type: 'add', input: i }));
    const second = (first % 3) + 1;
    await cluster.settled(cluster.group(first).transferLeadership(second));
    await cluster.elect();
    await cluster.settled(cluster.group(first).query('added', {}));
    // No write is under way any more, so that stopping needs no time.
    await cluster.time.pass(100);
    for (const { host } of cluster.slots) await host?.stop();
    for (const each of files) {
      const { steps, state } = await replay(each.contents.get('flight-1.jsonl') ?? '');
      expect(steps).toBeGreaterThan(50);
      expect(state.log.lastIndex).toBe(22);
      expect(state.term).toBeGreaterThan(1);
    }
  });

  test('leave what led to their failure, and nothing where they do not fail', async () => {
    const { files, cluster } = recordedCluster();
    await cluster.startAll();
    const leader = await cluster.elect();
    await cluster.settled(cluster.group(leader).execute({ type: 'add', input: 1 }));
    expect(files.map(({ contents }) => contents.size)).toEqual([0, 0, 0]);
    await expect(cluster.settled(cluster.group(leader).execute({ type: 'explode', input: 1 }))).rejects.toThrow(
      expect.objectContaining({ code: 'member_failed' }),
    );
    await cluster.slot(leader).host?.stop();
    const dump = files[leader - 1]?.contents;
    expect([...(dump?.keys() ?? [])]).toEqual(['flight-1.failure-1.jsonl']);
    expect((await replay(dump?.get('flight-1.failure-1.jsonl') ?? '')).state.role.kind).toBe('leader');
  });
});
