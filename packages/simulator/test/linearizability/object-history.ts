import { HistoryRecorder, type ModelName, type Operation, SeededRandom } from '@flotilla/simulator';
import { type PlainObject, plainCalls, plainObjects } from './plain-objects.ts';

export interface ObjectHistoryOptions {
  readonly seed: number;
  readonly calls: number;
  readonly clients: number;
  readonly keys?: number;
  /** How likely it is that nobody is told what became of a call. */
  readonly unknown?: number;
  /** Which calls are made; the model's where absent. */
  readonly choose?: (random: SeededRandom, number: number) => readonly [f: string, input: unknown];
}

export interface ObjectHistory {
  readonly operations: readonly Operation[];
  /** The serials of the calls that were carried out, and when. */
  readonly committed: ReadonlyMap<number, number>;
}

/**
 * The history of an object that is linearizable by construction: each call is carried out at one moment between its beginning
 * and its end. One with an unknown outcome is carried out at any moment after its beginning, or never.
 */
export function objectHistory(model: ModelName, options: ObjectHistoryOptions): ObjectHistory {
  const { seed, calls, clients, keys = 1, unknown = 0 } = options;
  const random = new SeededRandom(seed);
  const choose = options.choose ?? (() => random.pick(plainCalls[model]));
  const recorder = new HistoryRecorder();
  const objects = new Map<string, PlainObject>();
  const committed = new Map<number, number>();
  const agenda: { readonly at: number; readonly run: () => void }[] = [];
  let processes = 0;
  for (let client = 0; client < clients; client++) {
    let at = random.between(0, 10);
    let process = processes++;
    for (let n = client; n < calls; n += clients) {
      const [f, input] = choose(random, n);
      const key = `key-${random.integer(1, keys)}`;
      const object = objects.get(key) ?? plainObjects[model]();
      objects.set(key, object);
      const [caller, begin, serial] = [process, at, n];
      const isUnknown = random.chance(unknown);
      const end = begin + random.exponential(5);
      const moment = isUnknown ? begin + random.exponential(20) : random.between(begin, end);
      let answer: unknown;
      agenda.push({ at: begin, run: () => void recorder.invoke({ process: caller, f, key, value: input, node: 1, serial }, begin) });
      if (!isUnknown || random.chance(0.5)) {
        agenda.push({
          at: moment,
          run: () => {
            answer = object.call(f, input, caller);
            committed.set(serial, moment);
          },
        });
      }
      agenda.push({ at: end, run: () => void recorder.complete(caller, isUnknown ? 'info' : 'ok', isUnknown ? 'timeout' : answer, end) });
      if (isUnknown) process = processes++ + clients * 1000;
      at = end + random.exponential(1);
    }
  }
  for (const { run } of agenda.sort((a, b) => a.at - b.at)) run();
  return { operations: recorder.operations(), committed };
}
