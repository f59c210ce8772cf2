/** How often a long command says how far it is where nobody watches a terminal, in milliseconds. */
const quietMs = 5000;
const terminalMs = 100;

/**
 * Says on standard error how far a long command is: in place on a terminal, otherwise a line from time to time. What it returns
 * takes how many `units` are done, and how many there are.
 */
export function showProgress(what: string, units: 'bytes' | 'records' = 'bytes'): (doneUnits: number, of: number) => void {
  const out = process.stderr;
  const amount = (count: number) => (units === 'bytes' ? megabytes(count) : `${count} ${units}`);
  const every = out.isTTY ? terminalMs : quietMs;
  let shownAt = performance.now();
  let shown = false;
  return (doneUnits, of) => {
    const done = doneUnits >= of;
    // What is over at once needs no progress.
    if (!(done && shown) && performance.now() - shownAt < every) return;
    shownAt = performance.now();
    shown = !done;
    const text = `${what}: ${amount(doneUnits)} of ${amount(of)}`;
    out.write(out.isTTY ? `\r${text}\x1b[0K${done ? '\n' : ''}` : `${text}\n`);
  };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
