import { defaultRaftConfig, type RaftConfig } from '../../src/index.ts';
import { Cluster, type Occurrence } from '../cluster/cluster.ts';
import { properties } from './all.ts';
import { History } from './history.ts';

/** Small windows, so that short runs meet their limits. */
const config: RaftConfig = { ...defaultRaftConfig, appendEntriesMax: 2, inflightEntriesMax: 4, pendingReadsMax: 3 };

/** A cluster whose every step is checked against every property. */
export function watchedCluster(size: number): { readonly cluster: Cluster; readonly history: History } {
  const history = new History();
  const started: Occurrence[] = [];
  const cluster = new Cluster(size, config, (occurrence) => started.push(occurrence));
  const watchers = Object.entries(properties).map(([name, property]) => ({ name, watch: property(cluster, history) }));
  const observe = (occurrence: Occurrence) => {
    for (const { name, watch } of watchers) {
      try {
        watch(occurrence);
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    }
    history.observe(occurrence);
  };
  for (const occurrence of started) observe(occurrence);
  cluster.observers.length = 0;
  cluster.observers.push(observe);
  return { cluster, history };
}
