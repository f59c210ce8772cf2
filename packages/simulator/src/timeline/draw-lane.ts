import { element, escapeMarkup } from './markup.ts';
import { milliseconds } from './plan-summary.ts';
import type { Bar, Lane, Mark } from './timeline-lanes.ts';
import type { TimelineLine } from './timeline-line.ts';

/** How a moment is drawn, around the origin. */
const shapes: { readonly [K in TimelineLine['kind']]: string } = {
  fault: '<path d="M0-7 6 5H-6Z"/>',
  healed: '<path d="M-5 0H5"/>',
  process: '<circle r="5"/>',
  election: '<path d="M0-7 7 0 0 7-7 0Z"/>',
  membership: '<path d="M-5-5H5V5H-5Z"/>',
  snapshot: '<path d="M-6 5V-2L0-6 6-2V5Z"/>',
  call: '<circle r="3"/>',
  violation: '<path d="M-6-6 6 6M6-6-6 6"/>',
};

const marksHeight = 22;
const rowHeight = { fault: 16, call: 7 } as const;

/** A lane as a drawing that is as wide as it is told to be: places are shares of its width. */
export function drawLane({ name, note, bars, marks }: Lane, endMs: number, failedAtMs: number | null): string {
  const height = name === 'calls' ? rowHeight.call : rowHeight.fault;
  const top = marks.length > 0 ? marksHeight : 6;
  const rows = bars.reduce((most, { row }) => Math.max(most, row + 1), 0);
  const total = Math.max(top + rows * height + 4, 30);
  const at = (ms: number) => `${((100 * ms) / endMs).toFixed(4)}%`;
  const failure =
    failedAtMs === null ? '' : `<line class="violation moment" x1="${at(failedAtMs)}" x2="${at(failedAtMs)}" y1="0" y2="${total}"/>`;
  return element(
    'div',
    { class: 'lane' },
    element('div', { class: 'name' }, escapeMarkup(name), element('small', {}, escapeMarkup(note))),
    element(
      'svg',
      { class: 'track', height: total, role: 'group', 'aria-label': name },
      ...bars.map((bar) => drawBar(bar, at, top + bar.row * height, height - 2)),
      failure,
      ...marks.map((mark) => drawMark(mark, at)),
    ),
  );
}

/** At least so wide that it can be seen and pointed at. */
function drawBar({ from, to, kinds, label, text }: Bar, at: (ms: number) => string, y: number, height: number): string {
  const style = `x:${at(from)};width:max(2px,${at(to - from)})`;
  const words = label === '' ? '' : `<text x="3" y="${height - 3}">${escapeMarkup(label)}</text>`;
  const focus = label === '' ? {} : { tabindex: 0, role: 'img', 'aria-label': text };
  return element(
    'svg',
    { class: `${kinds} bar`, y, height, style, ...focus },
    `<title>${escapeMarkup(text)}</title><rect width="100%" height="100%" rx="2"/>${words}`,
  );
}

function drawMark({ line, number }: Mark, at: (ms: number) => string): string {
  const text = `${milliseconds(line.atMs)} ms, ${line.kind}: ${line.text}`;
  return element(
    'svg',
    {
      class: `${line.kind} mark`,
      x: at(line.atMs),
      y: marksHeight / 2,
      overflow: 'visible',
      'data-line': number,
      tabindex: 0,
      role: 'img',
      'aria-label': text,
    },
    `<title>${escapeMarkup(text)}</title>${shapes[line.kind]}`,
  );
}

/** The shape of a kind by itself, for the legend. */
export function drawShape(kind: TimelineLine['kind']): string {
  return element('svg', { class: `${kind} mark`, width: 16, height: 16, viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, shapes[kind]);
}
