export { SeededRandom } from './engine/seeded-random.ts';
export { World } from './engine/world.ts';
export { HostClock } from './process/host-clock.ts';
export { SimProcess } from './process/sim-process.ts';
export type { Invariant } from './watch/invariant.ts';
export type { AppliedCommands, DurableLog, Observer } from './watch/observer.ts';
export { isViolation, Violation } from './watch/violation.ts';
