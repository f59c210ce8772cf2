import { printable } from './codec/printable.ts';

/** What an error says. Total: handlers and schemas throw anything. */
export function messageOf(error: unknown): string {
  try {
    return printable(String(error instanceof Error ? error.message : error));
  } catch {
    return 'something was thrown that cannot be made a text';
  }
}
