/** Why two hosts do not connect. */
export type RefusalReason =
  | 'unsupported-version'
  | 'wrong-cluster'
  | 'wrong-member'
  | 'same-member'
  | 'member-removed'
  | 'too-many-guests'
  | 'incarnation-refused';

/** A refusal as both sides report it. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What it means, and what to do. */
  readonly explanation: string;
  /** Where data is not trusted: the incarnation of it that is remembered. Null where none is. */
  readonly seen: string | null;
}

/**
 * The reasons' numbers on the wire. They never change, so that members of different versions understand each other; 4
 * was a reason of version 1.
 */
export const refusalCodes = {
  'unsupported-version': 1,
  'wrong-cluster': 2,
  'wrong-member': 3,
  'member-removed': 5,
  'incarnation-refused': 6,
  'too-many-guests': 7,
  'same-member': 8,
} as const satisfies Record<RefusalReason, number>;

const explanations: Readonly<Record<RefusalReason, string>> = {
  'unsupported-version': 'the two hosts speak different versions of the transport protocol: upgrade the older one',
  'wrong-cluster': 'the two hosts belong to different clusters: compare their cluster ids and addresses',
  'wrong-member': 'the address leads to another member than the one that was meant: correct the address of that member',
  'same-member': 'both hosts run as the same member: give one of them an id of its own',
  'member-removed': 'the member that connects was removed from the cluster: stop it, or add it again under a new id',
  'too-many-guests': 'the host that accepts already answers as many members that it does not know yet as it may: it will catch up',
  'incarnation-refused': 'one host does not trust the data of the other',
};

/** Characters of an explanation of its own: it has to fit a frame of the handshake. */
const explanationCharactersMax = 240;

/** A refusal with the explanation that its reason always has, or with one of its own. */
export function refusalFor(reason: RefusalReason, explanation: string = explanations[reason], seen: string | null = null): Refusal {
  return { reason, explanation: explanation.slice(0, explanationCharactersMax), seen };
}

/** Whether the explanation has to travel, because the other side cannot know it from the reason. */
export function explainsItself({ reason, explanation }: Refusal): boolean {
  return explanation === explanations[reason];
}

export function refusalReasonOf(code: number): RefusalReason | undefined {
  return (Object.keys(refusalCodes) as RefusalReason[]).find((reason) => refusalCodes[reason] === code);
}
