/** Something worth telling that happened in a run. */
export interface TimelineLine {
  /** Simulated milliseconds since the beginning. */
  readonly atMs: number;
  /** The host's slot, from 0; null for what concerns no single one. */
  readonly slot: number | null;
  /** The number of the member behind it at that time. */
  readonly member: number | null;
  /** `fault` begins, `healed` ends; the rest is what the cluster and the clients made of it. */
  readonly kind: 'fault' | 'healed' | 'process' | 'election' | 'membership' | 'snapshot' | 'call' | 'violation';
  readonly text: string;
}
