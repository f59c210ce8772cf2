import type { RunReport } from '../run/run-report.ts';
import { drawLane, drawShape } from './draw-lane.ts';
import { element, escapeMarkup } from './markup.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { milliseconds, outcomeSummary, planSummary } from './plan-summary.ts';
import { timelineLanes } from './timeline-lanes.ts';
import type { TimelineLine } from './timeline-line.ts';
import { whereText } from './timeline-text.ts';

/** What can be shown and hidden, in the order of the legend. */
const kinds: readonly TimelineLine['kind'][] = ['fault', 'healed', 'process', 'election', 'membership', 'snapshot', 'call', 'violation'];

/** No request leaves the page, whatever a run put into it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/**
 * A run as one page that needs nothing else: a lane for each host with its faults and what it did, the calls, and all lines as a
 * table. It opens from a file; `+`, `-` and `0` zoom.
 */
export function timelineHtml(report: RunReport): string {
  const { machine, plan } = report;
  const title = `${machine.name}, seed ${plan.seed}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<h1>Simulation of ${escapeMarkup(title)}</h1>
${failureBlock(report)}
${facts(report)}
${controls(report)}
${chart(report)}
${table(report)}
<script>${pageScript}</script>
</body>
</html>
`;
}

function failureBlock({ failure }: RunReport): string {
  if (failure === null) return '<p>Nothing failed.</p>';
  const { invariant, message, hint, atMs } = failure;
  return element(
    'div',
    { class: 'failure', role: 'alert' },
    `<strong>${escapeMarkup(invariant)}</strong> did not hold, at ${milliseconds(atMs)} ms`,
    element('p', {}, escapeMarkup(message)),
    element('p', {}, escapeMarkup(hint)),
  );
}

function facts(report: RunReport): string {
  const all = [...outcomeSummary(report), ...planSummary(report.plan)];
  const list = all.map(([name, value]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd>`).join('');
  return `<details><summary>The run and its plan</summary><dl>${list}</dl></details>`;
}

function controls({ failure }: RunReport): string {
  const boxes = kinds.map((kind) => `<label><input type="checkbox" checked data-kind="${kind}">${drawShape(kind)}${kind}</label>`);
  return element(
    'div',
    { class: 'controls' },
    '<span><button id="out" aria-label="zoom out">−</button> <output>1×</output> <button id="in" aria-label="zoom in">+</button> <button id="all">all</button></span>',
    failure === null ? '' : '<button id="failure">to the failure</button>',
    ...boxes,
    '<span class="keys">+ − 0 zoom, ↑ ↓ go through the lines, Tab goes through the marks</span>',
  );
}

function chart(report: RunReport): string {
  // A run that failed at once is not a point, though.
  const endMs = Math.max(report.simulatedMs, 1);
  const failedAtMs = report.failure === null ? null : Math.min(report.failure.atMs, endMs);
  return element(
    'div',
    { class: 'chart', 'data-end': endMs },
    '<div class="lane axis"><div class="name">time</div><div class="track" aria-hidden="true"></div></div>',
    ...timelineLanes(report).map((lane) => drawLane(lane, endMs, failedAtMs)),
  );
}

function table({ timeline }: RunReport): string {
  const rows = timeline.map(({ atMs, slot, member, kind, text }) =>
    element(
      'tr',
      { class: kind, 'data-at': atMs, tabindex: 0 },
      ...[`${milliseconds(atMs)} ms`, whereText(slot, member), kind, text].map((cell) => element('td', {}, escapeMarkup(cell))),
    ),
  );
  return `<table><thead><tr><th>time</th><th>where</th><th>what</th><th></th></tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}
