import { type Group, type GroupStatus, RuntimeError } from '@flotilla/runtime';

/** Why a member serves nothing of its group, or null where it does. */
export function outsiderReason(standing: GroupStatus['standing']): string | null {
  switch (standing) {
    case 'voter':
    case 'learner':
      return null;
    case 'witness':
      return 'this member is a witness and keeps no state';
    case 'joining':
      return 'this member waits to be added to its group';
    case 'removed':
      return 'this member was removed from its group';
  }
}

const codes = { witness: 'member_is_witness', joining: 'not_a_member', removed: 'member_removed' } as const;

/** Throws where the member serves nothing: for what no call of the group refuses by itself. */
export function assertInsider(group: Group): void {
  const { standing } = group.status();
  const reason = outsiderReason(standing);
  if (reason === null || standing === 'voter' || standing === 'learner') return;
  throw new RuntimeError(codes[standing], 'not-applied', reason, 'Use another member.');
}
