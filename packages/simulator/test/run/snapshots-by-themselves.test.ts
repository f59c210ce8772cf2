import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

const seeds = Number(process.env.FLOTILLA_SNAPSHOT_SEEDS ?? 12);

it('a cluster whose members store their state again and again bears every fault', { timeout: 20_000 * seeds }, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const plan = drawPlan(seed, { durationMs: 4000 });
    const snapshot = { entries: 5 + (seed % 7) * 10, ...(seed % 3 === 0 && { everyMs: 200 }) };
    const raft = { ...plan.raft, trailingEntries: seed % 5, snapshotChunkBytesMax: 1 << (6 + (seed % 8)) };
    const report = await runPlan({ ...plan, raft }, { ...registersSubject, snapshot });
    expect(report.failure, `seed ${seed}`).toBeNull();
    expect(report.linearizability.verdict, `seed ${seed}`).toBe('linearizable');
  }
});
