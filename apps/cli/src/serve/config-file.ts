import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { usageError } from '../usage-error.ts';

const milliseconds = z.int().min(1);

const foundingMember = z.strictObject({
  peer: z.string(),
  client: z.string(),
  priority: z.exactOptional(z.int().min(0).max(1000)),
  witness: z.exactOptional(z.boolean()),
});

/** What a configuration file may say. Flags and environment variables say the same with other spellings. */
export const fileSchema = z.strictObject({
  cluster: z.string().min(1).optional(),
  member: z.int().min(1).max(0xffff_ffff).optional(),
  dataDirectory: z.string().min(1).optional(),
  members: z.record(z.string().regex(/^[1-9]\d{0,9}$/, 'a member number'), foundingMember).optional(),
  join: z.string().optional(),
  role: z.enum(['voter', 'learner', 'witness']).optional(),
  listen: z.string().optional(),
  advertise: z.string().optional(),
  clientListen: z.string().optional(),
  clientAdvertise: z.string().optional(),
  logFile: z.string().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional(),
  determinism: z.enum(['enforced', 'trusted']).optional(),
  stateComparisonMs: z.int().min(0).optional(),
  raft: z
    .strictObject({
      electionTimeoutMs: z.exactOptional(milliseconds),
      heartbeatIntervalMs: z.exactOptional(milliseconds),
      leaseDriftPercent: z.exactOptional(z.int().min(0).max(100)),
      quiesceAfterMs: z.exactOptional(z.int().min(0)),
    })
    .optional(),
  journal: z
    .strictObject({
      recordsMax: z.exactOptional(z.int().min(1)),
      bytesMax: z.exactOptional(z.int().min(1)),
      ageMsMax: z.exactOptional(milliseconds),
    })
    .optional(),
  snapshot: z
    .strictObject({
      entries: z.exactOptional(z.int().min(1)),
      bytes: z.exactOptional(z.int().min(1)),
      everySeconds: z.exactOptional(z.int().min(1)),
      keepEntries: z.exactOptional(z.int().min(0)),
      bytesPerSecond: z.exactOptional(z.int().min(1024)),
    })
    .optional(),
  archive: z.boolean().optional(),
  recorder: z
    .strictObject({
      stepsMax: z.exactOptional(z.int().min(1)),
      bytesMax: z.exactOptional(z.int().min(1)),
      continuous: z.exactOptional(z.boolean()),
    })
    .optional(),
});

export type FileContent = z.output<typeof fileSchema>;

export interface ConfigFile {
  readonly path: string;
  readonly content: FileContent;
}

/** Reads a configuration file. Errors name the file, the line and what was expected there. */
export function readConfigFile(path: string): ConfigFile {
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) throw usageError(`${path}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split('\n')[0]}`, 'Correct the YAML.');
  const parsed = fileSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return { path, content: parsed.data };
  const issue = parsed.error.issues[0];
  const where = [...(issue?.path ?? [])];
  let node: unknown = document.getIn(where, true);
  while (!hasRange(node) && where.pop() !== undefined) node = document.getIn(where, true);
  const line = hasRange(node) ? lines.linePos(node.range[0]).line : 1;
  throw usageError(
    `${path}:${line}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`,
    `Known settings: ${Object.keys(fileSchema.shape).join(', ')}.`,
  );
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`the configuration file ${path} cannot be read`, error instanceof Error ? error.message : String(error));
  }
}
