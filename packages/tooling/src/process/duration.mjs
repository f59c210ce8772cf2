/**
 * Milliseconds as a person reads them: `0.4 s`, `12.0 s`, `2 min 5 s`.
 *
 * @param {number} ms
 */
export function formatDuration(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
