import type { Entry } from '@flotilla/kv';
import { impossible, type Model, type Operation } from '@flotilla/simulator';

type State = string | null;

/** What was heard is null where nobody knows. */
type Call =
  | { readonly kind: 'get'; readonly heard: { readonly value: State } | null; readonly readOnly: true }
  | { readonly kind: 'put'; readonly value: string; readonly created: boolean | null; readonly readOnly: false }
  | { readonly kind: 'put-new'; readonly value: string; readonly refused: boolean | null; readonly readOnly: boolean }
  | { readonly kind: 'delete'; readonly deleted: boolean | null; readonly readOnly: false };

interface Reply {
  readonly created?: boolean;
  readonly deleted?: boolean;
  readonly refused?: unknown;
}

const decoder = new TextDecoder();

/** What the key-value store should look like from outside, key by key. */
export const kvModel: Model<State, Call> = {
  name: 'kv',
  init: null,
  read({ f, input, output, outcome }: Operation): Call {
    const known = outcome === 'ok';
    const reply = (known ? output : null) as Reply | null;
    switch (f) {
      case 'get':
        return { kind: 'get', heard: known ? { value: textOf(output as Entry | null) } : null, readOnly: true };
      case 'put':
        return { kind: 'put', value: input as string, created: reply?.created ?? null, readOnly: false };
      case 'put-new': {
        const refused = reply === null ? null : 'refused' in reply;
        return { kind: 'put-new', value: input as string, refused, readOnly: refused === true };
      }
      case 'delete':
        return { kind: 'delete', deleted: reply?.deleted ?? null, readOnly: false };
      default:
        throw new TypeError(`no call of the key-value store is named ${f}`);
    }
  },
  step(state, call) {
    switch (call.kind) {
      case 'get':
        return call.heard === null || call.heard.value === state ? state : impossible;
      case 'put':
        return call.created === null || call.created === (state === null) ? call.value : impossible;
      case 'put-new': {
        const isFree = state === null;
        if (call.refused === isFree) return impossible;
        return isFree ? call.value : state;
      }
      case 'delete':
        return call.deleted === null || call.deleted === (state !== null) ? null : impossible;
    }
  },
  describe: (state) => (state === null ? 'nothing' : JSON.stringify(state)),
};

function textOf(entry: Entry | null): State {
  return entry === null ? null : decoder.decode(entry.value);
}
