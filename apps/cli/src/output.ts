import { usageError } from './usage-error.ts';

/** How a command prints its result. */
export type OutputFormat = 'table' | 'json';

export function parseOutput(text: string): OutputFormat {
  if (text === 'table' || text === 'json') return text;
  throw usageError(`"${text}" is not an output format`, 'Use table or json.');
}

/** Rows in columns as wide as their widest cell, under their headings. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_key, part) => (part instanceof Uint8Array ? readableBytes(part) : part)));
}

/** Bytes as people read them: text where they are text, base64 where they are not. */
export function readableBytes(bytes: Uint8Array): string | { readonly base64: string } {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
