import { describeIdentity, valueIdentity } from '../history/exact-value.ts';
import type { Operation } from '../history/operation.ts';
import type { NotLinearizable } from './check.ts';

/** The most characters that are shown of a value or a state. */
const valueWidth = 60;

/** Why a history is not linearizable, for people: the call that nothing explains, what came before it, and what was open. */
export function explain({ key, culprit }: NotLinearizable, { linesMax = 12 }: { readonly linesMax?: number } = {}): string {
  const { operation, order, open, exact } = culprit;
  const hidden = Math.max(0, order.length - linesMax);
  const lines = [
    `${key === null ? 'The history' : `Key ${JSON.stringify(key)}`} is not linearizable. No order of the calls explains the end of`,
    `  ${describeOperation(operation)}`,
    exact ? '' : '(the limits were reached on the way here: it may have gone wrong earlier)',
    order.length === 0
      ? 'Nothing had ended before.'
      : `Up to there, this order does (${order.length} calls, the state after each on the right):`,
    ...(hidden > 0 ? [`  ... ${hidden} more, then the state is ${short(order[hidden - 1]?.state ?? '')}`] : []),
    ...inColumns(order.slice(hidden).map((each) => [describeOperation(each.operation), short(each.state)])),
    open.length === 0 ? '' : 'It does without these, which had begun and need not have been carried out by then:',
    ...open.slice(-linesMax).map((each) => `  ${describeOperation(each)}`),
    open.length > linesMax ? `  ... and ${open.length - linesMax} that began earlier` : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** A call in one line: position, times, who asked whom, and what. */
export function describeOperation(operation: Operation): string {
  const { process, f, input, node, invokedAt, invokeIndex, outcome, output, completedAt } = operation;
  const end = outcome === 'ok' || outcome === 'applied' ? completedAt.toFixed(3) : '?';
  const asked = input === null || input === undefined ? '' : ` ${value(input)}`;
  const answer = outcome === 'ok' ? value(output) : outcome === 'applied' ? 'carried out, answer unknown' : 'outcome unknown';
  const where = node === null ? '' : ` on ${node}`;
  return `#${invokeIndex} ${invokedAt.toFixed(3)}..${end} ms  process ${process}${where}: ${f}${asked} → ${answer}`;
}

function value(of: unknown): string {
  return short(describeIdentity(valueIdentity(of)));
}

/** The end says more than the beginning, where things grow. */
function short(text: string): string {
  return text.length > valueWidth ? `…${text.slice(1 - valueWidth)}` : text;
}

function inColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
