import { Cluster, type Occurrence } from '../cluster/cluster.ts';
import { properties } from './all.ts';
import { History } from './history.ts';
import type { Setup } from './setup.ts';

/** A cluster whose every step is checked against every property. */
export function watchedCluster({ size, config, options }: Setup): Cluster {
  const started: Occurrence[] = [];
  const cluster = new Cluster(size, config, (occurrence) => started.push(occurrence), options);
  const history = new History(cluster.member(1).log.base.membership);
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
  return cluster;
}
