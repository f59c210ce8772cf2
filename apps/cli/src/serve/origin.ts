import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';

const fileName = 'origin.json';

const memberInfo = z.strictObject({
  id: z.int(),
  peerAddress: z.string(),
  clientAddress: z.string(),
  voter: z.boolean(),
  witness: z.boolean(),
  priority: z.int(),
});

const role = z.enum(['voter', 'learner', 'witness']);
const format = z.literal(1);
const addresses = { peerAddress: z.string(), clientAddress: z.string() };

/**
 * How a member came into being, written durably into its data directory before anything happens, so that a start that was
 * cut short goes on where it was. Afterwards the replicated membership counts.
 *
 * `joining`: the member may or may not have been added yet. `joined`: it was, and has this number.
 */
const origin = z.discriminatedUnion('kind', [
  z.strictObject({ format, kind: z.literal('founded'), cluster: z.string(), member: z.int(), founders: z.array(memberInfo) }),
  z.strictObject({ format, kind: z.literal('joining'), cluster: z.string(), role, ...addresses }),
  z.strictObject({ format, kind: z.literal('joined'), cluster: z.string(), role, ...addresses, member: z.int() }),
]);

export type Origin = z.output<typeof origin>;

/** The origin of the member in a data directory, or null. Throws `data_directory_unusable` where it is unreadable. */
export async function readOrigin(directory: string): Promise<Origin | null> {
  const file = join(directory, fileName);
  try {
    return origin.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    const hint =
      'Restore the file from a backup of this very member; or remove the member from its group and begin with an empty directory.';
    throw unusable(`${file} is unreadable`, hint, error);
  }
}

/** Replaces the origin; once this resolves, a power cut cannot take it back. Throws `data_directory_unusable`. */
export async function writeOrigin(directory: string, value: Origin): Promise<void> {
  const file = join(directory, fileName);
  try {
    await mkdir(directory, { recursive: true });
    const draft = await open(`${file}.new`, 'w');
    try {
      await draft.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await draft.sync();
    } finally {
      await draft.close();
    }
    await rename(`${file}.new`, file);
    const parent = await open(directory, 'r');
    await parent.sync().finally(() => parent.close());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unusable(`${directory} cannot be used as a data directory: ${reason}`, 'Name a directory that this process may write.', error);
  }
}

/** Forgets the origin of a member that never came into being. */
export async function removeOrigin(directory: string): Promise<void> {
  await rm(join(directory, fileName), { force: true });
}

function unusable(message: string, hint: string, cause: unknown): FlotillaError {
  return new FlotillaError('data_directory_unusable', message, hint, { cause });
}
