/** What moves in the page of a timeline: zoom, the axis, which kinds are shown, and the way between lines and marks. */
export const pageScript = `
const chart = document.querySelector('.chart');
const axis = document.querySelector('.axis .track');
const rows = [...document.querySelectorAll('tbody tr')];
const endMs = Number(chart.dataset.end);
const margin = 158;
let zoom = 1;

function drawAxis() {
  const width = axis.getBoundingClientRect().width;
  const least = (endMs * 90) / Math.max(width, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((n) => n * power).find((each) => each >= least);
  const ticks = [];
  for (let n = 0; n * step <= endMs && n < 20000; n++) {
    const at = (100 * n * step) / endMs + '%';
    const label = step >= 1000 ? (n * step) / 1000 + ' s' : Number((n * step).toFixed(3)) + ' ms';
    ticks.push('<span style="left:' + at + '">' + label + '</span>');
  }
  axis.innerHTML = ticks.join('');
}

function setZoom(next, aroundX = chart.clientWidth / 2) {
  const before = (chart.scrollLeft + aroundX - margin) / zoom;
  zoom = Math.min(1000, Math.max(1, next));
  chart.style.setProperty('--zoom', zoom);
  chart.scrollLeft = before * zoom - aroundX + margin;
  document.querySelector('output').textContent = (zoom < 10 ? Number(zoom.toFixed(1)) : Math.round(zoom)) + '\u00d7';
  drawAxis();
}

function choose(number, from) {
  for (const each of document.querySelectorAll('.chosen')) each.classList.remove('chosen');
  const row = rows[number];
  const mark = chart.querySelector('[data-line="' + number + '"]');
  row?.classList.add('chosen');
  mark?.classList.add('chosen');
  if (from === 'mark') row?.scrollIntoView({ block: 'nearest' });
  if (from !== 'row' || row === undefined) return;
  chart.scrollLeft = (Number(row.dataset.at) / endMs) * axis.getBoundingClientRect().width - (chart.clientWidth - margin) / 2;
}

function showKinds() {
  for (const box of document.querySelectorAll('[data-kind]')) {
    for (const each of document.querySelectorAll('.chart .' + box.dataset.kind + ', tbody .' + box.dataset.kind)) each.classList.toggle('hidden', !box.checked);
  }
}

function nextRow(from, step) {
  let at = from + step;
  while (rows[at]?.classList.contains('hidden')) at += step;
  rows[at]?.focus();
}

document.querySelector('#in').addEventListener('click', () => setZoom(zoom * 2));
document.querySelector('#out').addEventListener('click', () => setZoom(zoom / 2));
document.querySelector('#all').addEventListener('click', () => setZoom(1));
document.querySelector('#failure')?.addEventListener('click', () => { setZoom(Math.max(zoom, 32)); rows.find((row) => row.classList.contains('violation'))?.focus(); });
for (const box of document.querySelectorAll('[data-kind]')) box.addEventListener('change', showKinds);
chart.addEventListener('wheel', (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  setZoom(zoom * 1.0015 ** -event.deltaY, event.clientX - chart.getBoundingClientRect().left);
}, { passive: false });
chart.addEventListener('focusin', ({ target }) => { const mark = target.closest('[data-line]'); if (mark) choose(Number(mark.dataset.line), 'mark'); });
chart.addEventListener('click', ({ target }) => { const mark = target.closest('[data-line]'); if (mark) choose(Number(mark.dataset.line), 'mark'); });
rows.forEach((row, number) => {
  row.addEventListener('click', () => row.focus());
  row.addEventListener('focus', () => choose(number, 'row'));
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = rows.indexOf(document.activeElement);
  if (event.key === '+' || event.key === '=') setZoom(zoom * 2);
  else if (event.key === '-') setZoom(zoom / 2);
  else if (event.key === '0') setZoom(1);
  else if (event.key === 'ArrowDown' && row !== -1) nextRow(row, 1);
  else if (event.key === 'ArrowUp' && row !== -1) nextRow(row, -1);
  else return;
  event.preventDefault();
});
addEventListener('resize', drawAxis);
setZoom(1);
`;
