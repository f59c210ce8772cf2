import type { Entry } from '@flotilla/core';
import { type App, jsonValue } from '@flotilla/gateway-http';
import { openLmdbStorageReadOnly } from '@flotilla/storage-lmdb';
import { findApp } from '../apps.ts';
import { printJson } from '../json-output.ts';
import { writeOut } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

/** Payload bytes that one look at the disk fetches. */
const readBytesMax = 1 << 20;

/** The most characters of a command that a line shows. */
const commandWidth = 100;

type StateMachine = ReturnType<App['machine']['create']>;

export interface LogOptions {
  readonly from: string;
  readonly to?: string;
  readonly group: string;
  readonly output: string;
}

/** Prints a member's log from its disk. */
export async function printLog(directory: string, { from, to, group: groupText, output }: LogOptions): Promise<void> {
  const group = wholeNumber('--group', groupText, 1);
  const first = wholeNumber('--from', from, 1);
  const last = to === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--to', to, 1);
  const reader = await openLmdbStorageReadOnly(directory);
  try {
    const machine = reader.identity.app === null ? null : (findApp(reader.identity.app)?.machine.create() ?? null);
    const { log } = await reader.recover(group);
    const end = Math.min(last, log.lastIndex);
    if (output === 'table') await writeOut(`${row('INDEX', 'TERM', 'TIME', 'KIND', 'COMMAND')}\n`);
    for (let next = Math.max(first, log.snapshotIndex + 1); next <= end; ) {
      const entries = reader.read(group, next, end, readBytesMax);
      for (const entry of entries) await printEntry(entry, machine, output);
      next += entries.length;
    }
  } finally {
    await reader.close();
  }
}

async function printEntry(entry: Entry, machine: StateMachine | null, output: string): Promise<void> {
  const { index, term, time, kind } = entry;
  const command = kind === 'command' ? decoded(entry, machine) : null;
  if (output === 'json') return printJson({ index, term, time, kind, command });
  const text = command === null ? '' : JSON.stringify(jsonValue(command));
  const shown = text.length > commandWidth ? `${text.slice(0, commandWidth - 1)}…` : text;
  await writeOut(`${row(String(index), String(term), new Date(time).toISOString(), kind, shown)}\n`);
}

function row(index: string, term: string, time: string, kind: string, command: string): string {
  return `${index.padStart(10)}  ${term.padStart(6)}  ${time.padEnd(24)}  ${kind.padEnd(8)}  ${command}`.trimEnd();
}

/** The command as its app reads it; its bytes where no app of this release can. */
function decoded({ payload }: Entry, machine: StateMachine | null): unknown {
  try {
    return machine ? machine.decode(payload) : payload;
  } catch (error) {
    return { undecodable: error instanceof Error ? error.message : String(error), payload };
  }
}
