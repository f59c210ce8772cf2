import { expect, it } from 'vitest';
import { exampleReport } from '../../test/reports/example-report.ts';
import { timelineText, whereText } from './timeline-text.ts';

it('tells of each moment on a line of its own, behind the plan and what failed', () => {
  const text = timelineText(exampleReport());
  expect(text).toContain('seed            7\n');
  expect(text).toContain('faults          2 isolate, partition, reset, crash\n');
  expect(text).toContain('\nFAILED at 1234.567 ms: election-safety\nmembers 1 and 3 <both> lead term 4\n');
  expect(text).toContain('     100.000 ms  host 2 (member 3)   fault       isolate forMs=300\n');
  expect(text).toContain('    1100.000 ms                      call        client 2: call 4');
});

it('says so where nothing failed', () => {
  expect(timelineText(exampleReport({ failure: null }))).toContain('\nnothing failed\n');
});

it('keeps control characters from the terminal', () => {
  const [first] = exampleReport().timeline;
  const text = timelineText(exampleReport({ timeline: first === undefined ? [] : [{ ...first, text: 'a\n\x1b[2Jb' }] }));
  expect(text).toContain('a [2Jb\n');
});

it('names hosts and members as far as they are known', () => {
  expect([whereText(null, null), whereText(1, null), whereText(null, 6), whereText(1, 6)]).toEqual([
    '',
    'host 1',
    'member 6',
    'host 1 (member 6)',
  ]);
});
