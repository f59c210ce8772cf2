export { type SimulateOptions, SimulationFailure, simulate, type Totals } from '@flotilla/simulator';
export { type Given, given, type Then, type WhenOptions } from '@flotilla/state-machine/testing';
export { type RestartOptions, TestCluster, type TestEvent, testCluster, type WaitOptions } from './test-cluster.ts';
export type { TestClusterOptions } from './test-cluster-options.ts';
