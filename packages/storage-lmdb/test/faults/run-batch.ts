import { diedOf, runProgram } from './run-program.ts';

/** What a program prints of the items of a batch, as JSON, one line when it begins one and one when it is done with it. */
export type BatchLine<T> = { readonly begun: number } | { readonly done: number; readonly result: T };

/**
 * Has a program work through the items with these numbers, which it is given as its last argument. Where it dies, `died` says
 * what became of the item that it was at, and another process goes on with the rest.
 */
export async function runBatch<T>(
  program: string,
  args: readonly string[],
  items: readonly number[],
  died: (item: number, how: string) => T,
): Promise<ReadonlyMap<number, T>> {
  const results = new Map<number, T>();
  for (let left = items; left.length > 0; left = items.filter((item) => !results.has(item))) {
    const ended = await runProgram(program, [...args, left.join(',')], { timeoutMs: 20_000 + 2_000 * left.length });
    const lines = ended.lines.map((line) => JSON.parse(line) as BatchLine<T>);
    for (const line of lines) if ('done' in line) results.set(line.done, line.result);
    const last = lines.at(-1);
    const how = diedOf(ended);
    if (last && 'begun' in last) results.set(last.begun, died(last.begun, how ?? 'ended before it was done'));
    else if (how !== null && lines.length < 2 * left.length) throw new Error(`${args[0]} ${how}`);
  }
  return results;
}
