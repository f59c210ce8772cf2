import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { drawFault } from '../../src/plan/draw-fault.ts';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import type { Fault } from '../../src/plan/fault.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import type { RunFailure } from '../../src/run/run-report.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';
import type { Mutant, Scene, Storm } from './mutant.ts';

/** Runs one seed of a mutant's scene with the code that this is bundled with; null where nothing was wrong. */
export async function attempt({ scene }: Pick<Mutant, 'scene'>, seed: number): Promise<RunFailure | null> {
  const { failure } = await runPlan(planOf(scene, seed), registersSubject);
  return failure;
}

/** What does not converge within so long counts as caught: shorter than in a campaign, where each run may take its time. */
const convergenceMs = 20_000;

export type Attempt = typeof attempt;

export function planOf(
  { witnesses = 0, sessionTtlMs, raft, limits, network, disk, storm, pattern, ...profile }: Scene,
  seed: number,
): Plan {
  const drawn = drawPlan(seed, profile);
  const faults = [...drawn.faults, ...(storm ? drawStorm(storm, drawn) : []), ...(pattern ? drawPatterns(pattern, drawn) : [])];
  return {
    ...drawn,
    convergenceMs,
    witnesses,
    raft: { ...drawn.raft, ...raft },
    limits: { ...drawn.limits, ...limits },
    network: { ...drawn.network, ...network },
    // What sessions and comparisons would make good, or find, the other checks are to find by themselves.
    workload: { ...drawn.workload, sessionTtlMs: sessionTtlMs ?? null },
    stateComparisonMs: 0,
    disk: { ...drawn.disk, ...disk },
    faults: faults.sort((a, b) => a.at - b.at),
  };
}

function drawStorm({ kinds, everyMs, forMs }: Storm, { seed, members, durationMs, workload: { clients } }: Plan): readonly Fault[] {
  const random = new SeededRandom(seed).fork('storm');
  const faults: Fault[] = [];
  for (let at = random.exponential(everyMs); at < durationMs; at += random.exponential(everyMs)) {
    const fault = drawFault(random.pick(kinds), at, random, { members, clients, durationMs });
    faults.push('forMs' in fault ? { ...fault, forMs: Math.ceil(random.exponential(forMs)) } : fault);
  }
  return faults;
}

function drawPatterns({ of, everyMs }: NonNullable<Scene['pattern']>, { seed, members, durationMs }: Plan): readonly Fault[] {
  const random = new SeededRandom(seed).fork('patterns');
  const slots = Array.from({ length: members }, (_, slot) => slot);
  const faults: Fault[] = [];
  for (let at = everyMs; at < durationMs; at += everyMs)
    faults.push(...of(at + random.between(0, everyMs / 4), random.shuffle(slots), random));
  return faults;
}
