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

const viewBox = '-8 -8 16 16';
const marksHeight = 22;
const rowHeight = { fault: 16, call: 7 } as const;

/** A lane that is as wide as it is told to be: places are shares of its width. */
export function drawLane({ name, note, bars, marks }: Lane, endMs: number, failedAtMs: number | null): string {
  const height = name === 'calls' ? rowHeight.call : rowHeight.fault;
  const top = marks.length > 0 ? marksHeight : 6;
  const rows = bars.reduce((most, { row }) => Math.max(most, row + 1), 0);
  const share = (ms: number) => `${((100 * ms) / endMs).toFixed(4)}%`;
  return element(
    'div',
    { class: 'lane' },
    element('div', { class: 'name' }, escapeMarkup(name), element('small', {}, escapeMarkup(note))),
    element(
      'div',
      { class: 'track', role: 'group', 'aria-label': name, style: `min-height:${Math.max(top + rows * height + 4, 30)}px` },
      ...bars.map((bar) => drawBar(bar, share, top + bar.row * height, height - 2)),
      failedAtMs === null ? '' : element('div', { class: 'violation moment', style: `left:${share(failedAtMs)}` }),
      ...marks.map((mark) => drawMark(mark, share)),
    ),
  );
}

/** At least so wide that it can be seen and pointed at. Calls are many: Tab passes them over. */
function drawBar({ from, to, kinds, label, text }: Bar, share: (ms: number) => string, top: number, height: number): string {
  const style = `left:${share(from)};width:max(3px,${share(to - from)});top:${top}px;height:${height}px`;
  const focus = label === '' ? {} : { tabindex: 0, role: 'img', 'aria-label': text };
  return element('div', { class: `${kinds} bar`, style, title: text, ...focus }, escapeMarkup(label));
}

function drawMark({ line, number }: Mark, share: (ms: number) => string): string {
  const text = `${milliseconds(line.atMs)} ms, ${line.kind}: ${line.text}`;
  const attributes = {
    class: `${line.kind} mark`,
    style: `left:${share(line.atMs)}`,
    'data-line': number,
    tabindex: 0,
    role: 'img',
    'aria-label': text,
  };
  return element('svg', { ...attributes, viewBox }, `<title>${escapeMarkup(text)}</title>${shapes[line.kind]}`);
}

/** The shape of a kind by itself, for the legend. */
export function drawShape(kind: TimelineLine['kind']): string {
  return element('svg', { class: `${kind} mark`, viewBox, 'aria-hidden': 'true' }, shapes[kind]);
}
