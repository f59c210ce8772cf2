/** Why an acceptor does not let somebody in. */
export type RefusalReason = 'unsupported-version' | 'wrong-cluster' | 'wrong-member' | 'unknown-member';

/** The reasons' numbers on the wire. They never change, so that members of different versions understand each other. */
export const refusalCodes = {
  'unsupported-version': 1,
  'wrong-cluster': 2,
  'wrong-member': 3,
  'unknown-member': 4,
} as const satisfies Record<RefusalReason, number>;

/** What each reason means to somebody who reads it in a log, of either side. */
export const refusalExplanations: Readonly<Record<RefusalReason, string>> = {
  'unsupported-version': 'the two hosts speak different versions of the transport protocol: upgrade the older one',
  'wrong-cluster': 'the two hosts belong to different clusters: compare their cluster ids and addresses',
  'wrong-member': 'the address leads to another member than the one that was meant: correct the address of that member',
  'unknown-member': 'the host that accepts does not list the one that connects among its peers: add it there',
};

export function refusalReasonOf(code: number): RefusalReason | undefined {
  return (Object.keys(refusalCodes) as RefusalReason[]).find((reason) => refusalCodes[reason] === code);
}
