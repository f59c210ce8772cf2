import { expect, test } from 'vitest';
import { HistoryRecorder } from '../history/history-recorder.ts';
import { findCulprit } from './culprit.ts';
import { models } from './models/models.ts';

/** Two calls at a time, so that there is something to search; the third pair reads what nobody wrote. */
function concurrentHistory() {
  const recorder = new HistoryRecorder();
  for (const [round, answer] of [0, 1, 7, 1].entries()) {
    recorder.invoke({ process: 1, f: 'put', key: 'x', value: round, node: 1 }, round);
    recorder.invoke({ process: 2, f: 'get', key: 'x', value: null, node: 2 }, round);
    recorder.complete(1, 'ok', null, round);
    recorder.complete(2, 'ok', answer, round);
  }
  return recorder.operations();
}

test('finds the first call whose end nothing explains', () => {
  const culprit = findCulprit(models.kv, concurrentHistory(), { stepsMax: 1000, rememberedMax: 1000 });
  expect(culprit).toMatchObject({ operation: { output: 7 }, exact: true });
  expect(culprit.order).toHaveLength(5);
});

test('says where the limits kept it from finding the first', () => {
  const culprit = findCulprit(models.kv, concurrentHistory(), { stepsMax: 0, rememberedMax: 1000 });
  expect(culprit).toMatchObject({ exact: false });
});
