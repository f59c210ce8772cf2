import { expect, it } from 'vitest';
import { exampleReport } from '../../test/reports/example-report.ts';
import { timelineHtml } from './timeline-html.ts';

const page = timelineHtml(exampleReport());

it('is one page that asks nobody for anything', () => {
  expect(page).not.toMatch(/(src|href)=/);
  expect(page).not.toMatch(/url\(|@import|https?:/);
  expect(page).toContain("default-src 'none'");
});

it('has a lane for the cluster, for each host, and for the calls', () => {
  const names = [...page.matchAll(/<div class="name">([^<]*)</g)].map(([, name]) => name);
  expect(names).toEqual(['time', 'cluster', 'host 0', 'host 1', 'host 2', 'calls']);
});

it('shows what lasts as bars and moments as marks that lead to their lines', () => {
  expect(page.match(/class="fault bar"/g)).toHaveLength(4);
  expect(page.match(/class="call (ok|fail|info|open) bar"/g)).toHaveLength(5);
  expect(page).toMatch(/class="election mark" [^>]*data-line="6" tabindex="0"/);
});

it('shows what a run says as text, whatever it says', () => {
  expect(page).toContain('members 1 and 3 &lt;both&gt; lead term 4');
  expect(page).toContain('Look at &quot;term&quot; 4 &amp; what led there.');
  expect(page).not.toContain('</script><b>');
  expect(page).toContain('&lt;/script&gt;&lt;b&gt;');
});

it('has nothing red where nothing failed', () => {
  const fine = timelineHtml(exampleReport({ failure: null, simulatedMs: 0, timeline: [], history: [] }));
  expect(fine).toContain('Nothing failed.');
  expect(fine).not.toContain('class="violation moment"');
  expect(fine).not.toContain('NaN');
});
