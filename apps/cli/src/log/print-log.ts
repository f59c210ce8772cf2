import { join } from 'node:path';
import { decodeMembership, describeMembership, type Entry, type GroupId, type Index, type LogBase } from '@flotilla/core';
import { jsonValue } from '@flotilla/gateway-http/json';
import { decodeCommand, decodeRequest } from '@flotilla/state-machine';
import type { ArchivedExtent } from '@flotilla/storage';
import { FileArchive } from '@flotilla/storage/archive';
import { openLmdbStorageReadOnly } from '@flotilla/storage-lmdb';
import { printJson } from '../json-output.ts';
import { writeOut } from '../output.ts';
import { archiveDirectory } from '../serve/member-files.ts';
import { wholeNumber } from '../whole-number.ts';

/** Payload bytes that one look at the disk fetches. */
const readBytesMax = 1 << 20;

/** The most characters of a command, or membership, that a line shows. */
const contentWidth = 100;

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
    const { base, log } = await reader.recover(group);
    const end = Math.min(last, log.lastIndex);
    if (output === 'table') await writeOut(`${row('INDEX', 'TERM', 'TIME', 'KIND', 'CONTENT')}\n`);
    const next = await printArchived(directory, group, { from: first, to: Math.min(last, log.snapshotIndex) }, (entry) =>
      printEntry(entry, output),
    );
    if (base && next <= base.index + 1) await printBase(base, output);
    for (let next = Math.max(first, log.snapshotIndex + 1); next <= end; ) {
      const entries = reader.read(group, next, end, readBytesMax);
      for (const entry of entries) await printEntry(entry, output);
      next += entries.length;
    }
  } finally {
    await reader.close();
  }
}

/**
 * Prints what an archive has of the entries before the log's beginning; returns what comes next. Where it lacks some, it goes on behind
 * its last hole.
 */
async function printArchived(
  directory: string,
  group: GroupId,
  { from, to }: ArchivedExtent,
  printOne: (entry: Entry) => Promise<void>,
): Promise<Index> {
  const archive = new FileArchive(join(directory, archiveDirectory));
  let next = from;
  while (next <= to) {
    const entries = await archive.entries(group, next);
    if (entries === null) {
      const { from: behindHole = next } = (await archive.extent(group, 'entries')) ?? {};
      if (behindHole <= next) return next;
      next = behindHole;
      continue;
    }
    for (const entry of entries.filter(({ index }) => index <= to)) await printOne(entry);
    next = (entries.at(-1)?.index ?? to) + 1;
  }
  return next;
}

/** Where the log begins: what it was founded with, or what a snapshot covers. */
async function printBase({ index, term, time, membership }: LogBase, output: string): Promise<void> {
  if (output === 'json') return printJson({ index, term, time, kind: 'beginning', command: null, membership });
  await printRow(index, term, time, 'beginning', describeMembership(membership));
}

async function printEntry(entry: Entry, output: string): Promise<void> {
  const { index, term, time, kind, payload } = entry;
  const command = kind === 'command' ? decoded(entry) : null;
  const membership = kind === 'membership' ? decodeMembership(payload) : null;
  if (output === 'json') return printJson({ index, term, time, kind, command, ...(membership && { membership }) });
  const text = command === null ? '' : JSON.stringify(jsonValue(command));
  await printRow(index, term, time, kind, membership ? describeMembership(membership) : text);
}

async function printRow(index: number, term: number, time: number, kind: string, text: string): Promise<void> {
  const shown = text.length > contentWidth ? `${text.slice(0, contentWidth - 1)}…` : text;
  await writeOut(`${row(String(index), String(term), new Date(time).toISOString(), kind, shown)}\n`);
}

function row(index: string, term: string, time: string, kind: string, content: string): string {
  return `${index.padStart(10)}  ${term.padStart(6)}  ${time.padEnd(24)}  ${kind.padEnd(10)}  ${content}`.trimEnd();
}

/** What was asked for, whichever the machine: it says what its bytes mean, not how they are read. */
function decoded({ payload }: Entry): unknown {
  try {
    const request = decodeRequest(payload);
    return request.kind === 'command' ? decodeCommand(request.command) : request;
  } catch (error) {
    return { undecodable: error instanceof Error ? error.message : String(error), payload };
  }
}
