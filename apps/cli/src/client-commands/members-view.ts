import type { ClusterMember, ClusterMembers } from '@flotilla/client';
import { formatTable } from '../output.ts';

/** A member that has not answered for this long, in milliseconds, is shown as silent. */
const silentAfterMs = 2000;

/** The members as a table, and below it what is waited for. */
export function membersTable(view: ClusterMembers): string {
  const rows = view.members.map((member) => {
    const { id, role, peerAddress, clientAddress, priority, progress } = member;
    return [
      String(id),
      role,
      peerAddress,
      clientAddress,
      String(priority),
      progress === null ? '-' : String(progress.matchIndex),
      stateOf(member, view),
    ];
  });
  const table = formatTable(['MEMBER', 'ROLE', 'PEERS', 'CLIENTS', 'PRIORITY', 'MATCH', 'STATE'], rows);
  const below = [
    waitingFor(view.pendingChange),
    view.leader === view.member ? null : 'The leader did not answer: this is how another member sees it.',
  ];
  return [table, ...below.filter((line) => line !== null)].join('\n');
}

/** How a member is doing. */
function stateOf({ id, leaving, progress }: ClusterMember, { leader, transferTo }: ClusterMembers): string {
  const words: string[] = [];
  if (id === leader) words.push('leader');
  if (id === transferTo) words.push('takes over');
  if (leaving) words.push('leaving');
  if (progress !== null) {
    words.push(progress.mode === 'replicate' ? 'in touch' : progress.mode === 'probe' ? 'not in touch' : 'receives a snapshot');
    if (progress.silentMs >= silentAfterMs) words.push(`silent for ${Math.round(progress.silentMs / 1000)} s`);
    if (progress.catchUp !== null) words.push(catchUpText(progress.matchIndex, progress.catchUp));
  }
  return words.join(', ') || '-';
}

function catchUpText(matchIndex: number, { round, targetIndex, done }: { round: number; targetIndex: number; done: boolean }): string {
  return done ? 'caught up' : `catching up: round ${round}, ${Math.min(matchIndex, targetIndex)} of ${targetIndex}`;
}

/** What a change waits for, or null where it waits for nothing. */
export function waitingFor(pendingChange: ClusterMembers['pendingChange']): string | null {
  if (pendingChange === null) return null;
  const { promote, remove } = pendingChange;
  const then = remove.length === 0 ? '' : `, and ${numbered(remove)} ${remove.length === 1 ? 'leaves' : 'leave'} at that moment`;
  return `Waiting until ${numbered(promote)} ${promote.length === 1 ? 'has' : 'have'} caught up and can vote${then}.`;
}

/** How far those are that are waited for, in one line; empty where nobody is. */
export function catchUpLine({ members, pendingChange }: ClusterMembers): string {
  const waited = members.filter(({ id }) => pendingChange?.promote.includes(id));
  return waited
    .map(({ id, progress }) => {
      // Nothing is known of it as long as its log does not meet the leader's.
      if (progress === null || progress.matchIndex === 0) return `member ${id} has not been heard of`;
      return `member ${id}: ${progress.catchUp === null ? 'in touch' : catchUpText(progress.matchIndex, progress.catchUp)}`;
    })
    .join('; ');
}

function numbered(ids: readonly number[]): string {
  return `${ids.length === 1 ? 'member' : 'members'} ${ids.join(', ')}`;
}
