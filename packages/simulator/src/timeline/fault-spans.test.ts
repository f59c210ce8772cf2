import { expect, it } from 'vitest';
import { exampleReport } from '../../test/reports/example-report.ts';
import { faultSpans } from './fault-spans.ts';

const spans = (report = exampleReport()) => faultSpans(report).map(({ line, endMs }) => [line.text.split(' ', 1)[0], line.atMs, endMs]);

it('a fault lasts until it is healed, or until the run ends before that', () => {
  expect(spans()).toEqual([
    ['isolate', 100, 400],
    ['partition', 150, 550],
    ['isolate', 200, 700],
    ['reset', 300, 300],
    ['crash', 900, 1234.567],
  ]);
});

it('a fault that nobody healed by the end of its time had nothing to act on', () => {
  const report = exampleReport({ simulatedMs: 6000 });
  expect(spans(report).at(-1)).toEqual(['crash', 900, 900]);
});
