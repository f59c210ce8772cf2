import { HistoryRecorder, type Operation } from '@flotilla/simulator';

const call = /<(\S+)(?: +([^\s=?!<>]+))? *(?:= *([^<>]*?) *>|(\?)|(!) *>)/g;

/**
 * A history in a small language, one line for each process:
 *
 * ```
 * 1: <put "a" = null>      <get = "a">
 * 2:        <put "b" ?
 * ```
 *
 * A call spans the columns between its brackets: `<f input = answer>`, `<f input ?` without an end where its outcome is unknown,
 * `<f input !>` where it failed. Inputs and answers are JSON, inputs without spaces; what is left out is null.
 */
export function history(script: string): Operation[] {
  const recorder = new HistoryRecorder();
  const events: { readonly column: number; readonly run: () => void }[] = [];
  let unknownProcesses = 100;
  for (const line of script.split('\n')) {
    const name = /^\s*(\d+):/.exec(line)?.[1];
    if (name === undefined) continue;
    const calls = [...line.matchAll(call)];
    if (calls.length !== line.split('<').length - 1) throw new Error(`not a line of a history: ${line}`);
    for (const match of calls) {
      const [text, f = '', input = 'null', answer = 'null', unknown, failed] = match;
      const start = match.index;
      // Its client goes on under another number.
      const process = unknown === undefined ? Number(name) : unknownProcesses++;
      const value: unknown = JSON.parse(input);
      events.push({ column: start, run: () => void recorder.invoke({ process, f, key: null, value, node: null }, start) });
      if (unknown !== undefined) continue;
      const end = start + text.length - 1;
      const type = failed === undefined ? 'ok' : 'fail';
      events.push({ column: end, run: () => void recorder.complete(process, type, JSON.parse(answer), end) });
    }
  }
  for (const { run } of events.sort((a, b) => a.column - b.column)) run();
  return recorder.operations();
}
