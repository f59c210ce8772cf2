import type { SimCluster } from '../cluster/sim-cluster.ts';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import type { SimNetwork } from '../network/sim-network.ts';
import type { Fault, FaultKind, FaultOf } from '../plan/fault.ts';
import type { ClientCuts } from './client-cuts.ts';
import { clockFaults } from './clock-faults.ts';
import { diskFaults } from './disk-faults.ts';
import { networkFaults } from './network-faults.ts';
import type { Operator } from './operator.ts';
import { operatorFaults } from './operator-faults.ts';
import { processFaults } from './process-faults.ts';

/** What faults act on. */
export interface Victims {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly network: SimNetwork;
  readonly operator: Operator;
  readonly random: SeededRandom;
  readonly cuts: ClientCuts;
  /** Counts that a fault of this kind really happened: not every plan can be carried out. */
  readonly count: (kind: FaultKind) => void;
}

/** Told when a fault begins and when it ends. */
export type OnFault = (fault: Fault, phase: 'begun' | 'ended') => void;

/** Makes a fault happen; returns how to end it, where it lasts. */
export type Inflict<F extends Fault> = (victims: Victims, fault: F) => (() => void) | null;

export type FaultTable<Kind extends FaultKind> = { readonly [K in Kind]: Inflict<FaultOf<K>> };

const table: FaultTable<FaultKind> = { ...processFaults, ...clockFaults, ...networkFaults, ...diskFaults, ...operatorFaults };

/** Carries out the faults of a plan at their times, and ends all of them when it is told to. */
export class Nemesis {
  readonly counts = new Map<FaultKind, number>();
  readonly #victims: Victims;
  readonly #onFault: OnFault;
  readonly #lasting = new Set<() => void>();
  #healed = false;

  constructor(victims: Omit<Victims, 'count'>, faults: readonly Fault[], onFault: OnFault = () => {}) {
    this.#onFault = onFault;
    this.#victims = { ...victims, count: (kind) => void this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1) };
    for (const fault of faults) victims.world.after(fault.at, () => this.#inflict(fault));
  }

  /** Ends all faults; those that have not happened yet never will. */
  heal(): void {
    this.#healed = true;
    for (const end of [...this.#lasting]) end();
  }

  #inflict<K extends FaultKind>(fault: FaultOf<K>): void {
    if (this.#healed) return;
    const { world } = this.#victims;
    const inflict = table[fault.kind as K] as Inflict<FaultOf<K>>;
    world.trace.note(world.now, 'fault', 'slot' in fault ? fault.slot : 0, fault.kind.length);
    this.#onFault(fault, 'begun');
    const undo = inflict(this.#victims, fault);
    if (undo === null) return;
    const end = () => {
      if (!this.#lasting.delete(end)) return;
      undo();
      this.#onFault(fault, 'ended');
    };
    this.#lasting.add(end);
    if ('forMs' in fault) world.after(fault.forMs, end);
  }
}
