import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** How the disk fails: which calls on which file, and which of them. */
export interface DiskFault {
  readonly kind: 'EIO' | 'ENOSPC' | 'short' | 'delay';
  readonly call: 'write' | 'sync' | 'truncate';
  /** What the path of the file ends with; of a directory, its own name. */
  readonly file: string;
  /** The first call that is hit, from 1, and how many from there on; or the chance of each. */
  readonly hits: { readonly at: number; readonly count: number } | { readonly perMille: number; readonly seed: number };
}

/** Why there is no shim here, null where there can be one. */
export function shimUnavailable(): string | null {
  if (process.platform !== 'linux') return 'needs Linux: LD_PRELOAD and /proc';
  if (spawnSync('cc', ['--version']).status !== 0) return 'needs a C compiler (cc)';
  return null;
}

/** Compiles `source`, which is `disk-shim.c`, into a directory. */
export function buildShim(source: string, directory: string): string {
  const library = join(directory, 'disk-shim.so');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl', '-lpthread']);
  if (built.status !== 0) throw new Error(`disk-shim.c does not compile:\n${built.stderr}`);
  return library;
}

/** What makes a process see its disk through the shim. */
export function shimEnvironment(library: string, under: string, trace: string, fault?: DiskFault): Record<string, string> {
  const environment = { LD_PRELOAD: library, FLOTILLA_DISK_UNDER: under, FLOTILLA_DISK_TRACE: trace, UV_USE_IO_URING: '0' };
  if (!fault) return environment;
  const { kind, call, file, hits } = fault;
  const chosen: Record<string, string> =
    'at' in hits
      ? { FLOTILLA_DISK_FAULT_AT: `${hits.at}`, FLOTILLA_DISK_FAULT_COUNT: `${hits.count}` }
      : { FLOTILLA_DISK_FAULT_PER_MILLE: `${hits.perMille}`, FLOTILLA_DISK_FAULT_SEED: `${hits.seed}` };
  return { ...environment, ...chosen, FLOTILLA_DISK_FAULT: kind, FLOTILLA_DISK_FAULT_CALL: call, FLOTILLA_DISK_FAULT_FILE: file };
}
