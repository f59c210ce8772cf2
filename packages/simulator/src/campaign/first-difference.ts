import type { TraceKind, TraceLine } from '../engine/trace.ts';

/** What the numbers of a line stand for, and who it is about; what has no name stands for nothing. */
const meanings: { readonly [K in TraceKind]: { readonly who: string; readonly numbers: readonly string[] } } = {
  fault: { who: 'host', numbers: ['length of its kind'] },
  send: { who: 'member', numbers: ['to member', 'messages', 'bytes'] },
  deliver: { who: 'member', numbers: ['from member', 'messages', 'bytes'] },
  step: { who: 'member', numbers: ['term', 'last index', 'commit index and kind of input'] },
  durable: { who: 'member', numbers: ['last index'] },
  applied: { who: 'member', numbers: ['last index', 'commands'] },
  invoked: { who: 'client', numbers: ['call'] },
  committed: { who: 'the log', numbers: ['index', 'digest of the command', 'log time'] },
  answered: { who: 'client', numbers: ['call', 'index', 'digest of the answer'] },
};

/**
 * In which event two runs of one plan differ first, in words; null where they do not. What led there is in the code of the member
 * that it names, or in what reached it before.
 */
export function firstDifference(a: readonly TraceLine[], b: readonly TraceLine[]): string | null {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a[at], b[at]];
    if (one !== undefined && other !== undefined && isSame(one, other)) continue;
    return `event ${at}: ${describeLine(one)} in one run, and ${describeLine(other)} in the other${aspects(one, other)}`;
  }
  return null;
}

function isSame(a: TraceLine, b: TraceLine): boolean {
  return (
    a.kind === b.kind && a.member === b.member && microseconds(a) === microseconds(b) && a.numbers.every((each, n) => each === b.numbers[n])
  );
}

/** Which parts of two lines of one kind differ. */
function aspects(a: TraceLine | undefined, b: TraceLine | undefined): string {
  if (a === undefined || b === undefined || a.kind !== b.kind) return '';
  const { who, numbers } = meanings[a.kind];
  const parts = [
    a.member === b.member ? '' : who,
    ...a.numbers.map((each, n) => (each === b.numbers[n] ? '' : (numbers[n] ?? `number ${n + 1}`))),
    microseconds(a) === microseconds(b) ? '' : 'time',
  ];
  return ` (another ${parts.filter((part) => part !== '').join(', ')})`;
}

function describeLine(line: TraceLine | undefined): string {
  if (line === undefined) return 'nothing more';
  const { at, kind, member, numbers } = line;
  const { who, numbers: names } = meanings[kind];
  const shown = names.map((name, n) => `${name} ${kind === 'answered' && n === 2 ? outcomeOf(numbers[n] ?? 0) : numbers[n]}`);
  return `"${kind}" of ${who} ${member} at ${at.toFixed(3)} ms (${shown.join(', ')})`;
}

/** Outcomes are noted by their first letter. */
function outcomeOf(code: number): string {
  return ['ok', 'fail', 'info'].find((outcome) => outcome.charCodeAt(0) === code) ?? String(code);
}

/** What the hash of a trace tells apart. */
function microseconds({ at }: TraceLine): number {
  return Math.round(at * 1000);
}
