import { clients } from './catalogue/clients.ts';
import { durability } from './catalogue/durability.ts';
import { elections } from './catalogue/elections.ts';
import { machines } from './catalogue/machines.ts';
import { membership } from './catalogue/membership.ts';
import { reads } from './catalogue/reads.ts';
import { recovering } from './catalogue/recovering.ts';
import { replication } from './catalogue/replication.ts';
import { snapshots } from './catalogue/snapshots.ts';
import type { Mutant } from './mutant.ts';

/** Every mutant, by what it breaks. */
export const catalogue: readonly Mutant[] = [
  ...durability,
  ...recovering,
  ...elections,
  ...replication,
  ...reads,
  ...membership,
  ...snapshots,
  ...machines,
  ...clients,
];
