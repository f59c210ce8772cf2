import { describeIdentity, valueIdentity } from '../../history/exact-value.ts';
import type { Operation } from '../../history/operation.ts';
import { type Foresight, impossible, type Model, type ModelCall, unknownCall } from '../model.ts';

type AppendCall = ModelCall &
  ({ readonly kind: 'append'; readonly element: string } | { readonly kind: 'read'; readonly content: string | null });

interface Spelling {
  readonly name: string;
  /** An element as it stands in the state; null for what cannot be one. */
  readonly element: (value: unknown) => string | null;
  /** What a read answered as the state that it saw; null for what cannot be one. */
  readonly content: (output: unknown) => string | null;
  readonly describe: (state: string) => string;
  readonly help: string;
}

/**
 * A list that only grows. The state is one text, because appending to a text and comparing it are what an engine does fastest.
 */
function growing({ name, element, content, describe, help }: Spelling): Model<string, AppendCall> {
  const read = (operation: Operation): AppendCall => {
    const { f, input, output, outcome } = operation;
    if (f === 'append') {
      const text = element(input);
      if (text !== null) return { kind: 'append', element: text, readOnly: false };
    }
    if (f === 'read' || f === 'get') {
      const text = outcome === 'ok' ? content(output) : null;
      if (outcome !== 'ok' || text !== null) return { kind: 'read', content: text, readOnly: true };
    }
    throw unknownCall(name, operation, help);
  };
  return {
    name,
    init: '',
    read,
    step(state, call) {
      if (call.kind === 'append') return state + call.element;
      return call.content === null || call.content === state ? state : impossible;
    },
    foresight: prefixesOfTheLongestRead,
    describe,
  };
}

/** What the longest read saw is how every state begins, once it is that long, and all that shorter states can become. */
function prefixesOfTheLongestRead(calls: readonly AppendCall[]): Foresight<string> {
  let longest = '';
  for (const call of calls)
    if (call.kind === 'read' && call.content !== null && call.content.length > longest.length) longest = call.content;
  return { allows: (state) => state.slice(0, longest.length) === longest.slice(0, state.length) };
}

/** Lists: `append` (input: an element), `read` or `get` (answer: the list of all elements, null for none). */
export const append = growing({
  name: 'append',
  element: jsonElement,
  content: (output) => {
    if (output === null) return '';
    return Array.isArray(output) ? jsonElements(output) : null;
  },
  describe: (state) => `[${state.slice(0, -1)}]`,
  help: 'append, read or get (a list or null)',
});

function jsonElement(value: unknown): string {
  return `${describeIdentity(valueIdentity(value))},`;
}

function jsonElements(values: readonly unknown[]): string {
  const plain = values.every((value) => typeof value === 'number' || typeof value === 'string');
  // The same text, ten times as fast: most of what is to be checked is in these lists.
  if (plain) return values.length === 0 ? '' : `${JSON.stringify(values).slice(1, -1)},`;
  return values.map(jsonElement).join('');
}

/** Texts: `append` (input: a text), `read` or `get` (answer: all texts, joined; null for none). */
export const appendText = growing({
  name: 'append-text',
  element: (value) => (typeof value === 'string' ? value : null),
  content: (output) => (output === null ? '' : typeof output === 'string' ? output : null),
  describe: (state) => JSON.stringify(state),
  help: 'append (text), read or get (text or null)',
});
