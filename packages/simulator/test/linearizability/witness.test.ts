import { expect, it } from 'vitest';
import { HistoryRecorder } from '../../src/history/history-recorder.ts';
import { checkLinearizable } from '../../src/linearizability/check.ts';
import { models } from '../../src/linearizability/models/models.ts';

/** Thirty writes that overlap, whose order only the last read tells. */
function overlappingWrites(answer: string) {
  const recorder = new HistoryRecorder();
  const writes = Array.from({ length: 30 }, (_, process) => ({
    process,
    f: 'append',
    key: 'k',
    value: `${process}.`,
    node: null,
    serial: process,
  }));
  for (const write of writes) recorder.invoke(write, 1);
  for (const { process } of writes) recorder.complete(process, 'ok', null, 2);
  recorder.invoke({ process: 99, f: 'get', key: 'k', value: null, node: null, serial: 99 }, 3);
  recorder.complete(99, 'ok', answer, 4);
  return recorder.operations();
}

const backwards = Array.from({ length: 30 }, (_, i) => `${29 - i}.`).join('');
const witness = ({ serial }: { readonly serial?: unknown }) => (serial === 99 ? 100 : 30 - Number(serial));
const model = models['append-text'];

it('needs a step for each call where the witness is right', () => {
  const result = checkLinearizable(overlappingWrites(backwards), model, { witness });
  expect(result).toMatchObject({ verdict: 'linearizable', steps: 31 });
});

it('is not believed where it is wrong', () => {
  const lost = backwards.replace('7.', '');
  expect(checkLinearizable(overlappingWrites(lost), model, { witness }).verdict).toBe('not-linearizable');
  const wrong = checkLinearizable(overlappingWrites(backwards), model, { witness: ({ serial }) => Number(serial) });
  expect(wrong.verdict).toBe('linearizable');
});

it('does not put a call before one that had ended when it began', () => {
  const recorder = new HistoryRecorder();
  recorder.invoke({ process: 1, f: 'put', key: 'k', value: 'a', node: null, serial: 1 }, 1);
  recorder.complete(1, 'ok', null, 2);
  recorder.invoke({ process: 1, f: 'get', key: 'k', value: null, node: null, serial: 2 }, 3);
  recorder.complete(1, 'ok', null, 4);
  const stale = checkLinearizable(recorder.operations(), models.kv, { witness: ({ serial }) => (serial === 2 ? 1 : 2) });
  expect(stale.verdict).toBe('not-linearizable');
});
