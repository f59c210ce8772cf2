/** How often a long command says how far it is where nobody watches a terminal, in milliseconds. */
const quietMs = 5000;
const terminalMs = 100;

/**
 * Says on standard error how far a long command is: in place on a terminal, otherwise a line from time to time. What it returns
 * takes the bytes that are done and those that there are.
 */
export function showProgress(what: string, out: NodeJS.WriteStream = process.stderr): (bytes: number, of: number) => void {
  const every = out.isTTY ? terminalMs : quietMs;
  let shownAt = performance.now();
  let shown = false;
  return (bytes, of) => {
    const done = bytes >= of;
    // What is over at once needs no progress.
    if (!(done && shown) && performance.now() - shownAt < every) return;
    shownAt = performance.now();
    shown = !done;
    const text = `${what}: ${megabytes(bytes)} of ${megabytes(of)}`;
    out.write(out.isTTY ? `\r${text}\x1b[0K${done ? '\n' : ''}` : `${text}\n`);
  };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
