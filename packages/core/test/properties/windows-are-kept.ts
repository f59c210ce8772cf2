import { ensure, type Property } from './property.ts';

/**
 * No append has more entries or bytes than it may, and no more appends, entries and bytes are unacknowledged than may be. A
 * single entry travels however large it is. (`inflightEntriesMax` and its like in the configuration.)
 */
export const windowsAreKept: Property = (cluster) => (occurrence) => {
  const { appendEntriesMax, appendBytesMax, inflightAppendsMax, inflightEntriesMax, inflightBytesMax } = cluster.config;
  if (occurrence.kind === 'sent' && occurrence.envelope.message.kind === 'append') {
    const { from, message } = occurrence.envelope;
    const { length } = message.entries;
    const bytes = message.entries.reduce((sum, { payload }) => sum + payload.length, 0);
    ensure(length <= appendEntriesMax, `member ${from} sends ${length} entries at once`);
    ensure(length <= 1 || bytes <= appendBytesMax, `member ${from} sends ${bytes} bytes at once`);
  }
  if (occurrence.kind !== 'decided' || occurrence.decision.state.role.kind !== 'leader') return;
  for (const [peer, { inflight, matchIndex, mode }] of occurrence.decision.state.role.progress) {
    if (mode !== 'replicate') continue;
    const who = `member ${occurrence.member.id} has on their way to member ${peer}`;
    const before = inflight.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0);
    ensure(inflight.length <= inflightAppendsMax, `${who} ${inflight.length} appends`);
    ensure((inflight.at(-1)?.lastIndex ?? 0) - matchIndex <= inflightEntriesMax, `${who} entries up to ${inflight.at(-1)?.lastIndex}`);
    ensure(inflight.length <= 1 || before < inflightBytesMax, `${who} ${before} bytes and another append`);
  }
};
