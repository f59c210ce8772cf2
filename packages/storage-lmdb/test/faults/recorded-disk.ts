import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DiskFile, type Survival } from './disk-file.ts';
import type { DiskRecord } from './disk-trace.ts';
import type { Random } from './random.ts';

/** What a name stands for. */
type Named = DiskFile | 'directory';

type NameChange =
  | { readonly kind: 'create'; readonly path: string; readonly named: Named }
  | { readonly kind: 'rename'; readonly path: string; readonly from: string }
  | { readonly kind: 'unlink'; readonly path: string };

type UnderWay =
  | { readonly kind: 'sync'; readonly file: DiskFile; readonly at: number }
  | { readonly kind: 'write'; readonly file: DiskFile; readonly at: number; readonly offset: number; readonly length: number }
  | { readonly kind: 'names'; readonly directory: string; readonly at: number };

/**
 * A disk that was told what a trace says, with the least that a file system promises: the content and the size of a file are
 * durable once it was synced; its name, once its directory was. Of what is not, a power cut leaves any sectors of the files,
 * and as many changes of names as it likes, in their order.
 */
export class RecordedDisk {
  readonly #files = new Map<bigint, DiskFile>();
  /** By path below the root. */
  readonly #names = new Map<string, Named>();
  readonly #root: string;
  #nameChanges: { readonly at: number; readonly change: NameChange }[] = [];
  readonly #underWay = new Map<bigint, UnderWay>();
  #at = 0;

  /** `root` is the directory that the trace is about; it was there before. */
  constructor(root: string) {
    this.#root = root;
  }

  apply(record: DiskRecord): void {
    const at = ++this.#at;
    switch (record.kind) {
      case 'create': {
        const file = new DiskFile();
        this.#files.set(record.inode, file);
        this.#nameChanges.push({ at, change: { kind: 'create', path: record.path, named: file } });
        return;
      }
      case 'create-directory':
        this.#nameChanges.push({ at, change: { kind: 'create', path: record.path, named: 'directory' } });
        return;
      case 'rename':
        this.#nameChanges.push({ at, change: { kind: 'rename', path: record.to, from: record.from } });
        return;
      case 'unlink':
        this.#nameChanges.push({ at, change: { kind: 'unlink', path: record.path } });
        return;
      case 'write': {
        const file = this.#file(record.inode);
        file.write(at, record.offset, record.bytes);
        this.#underWay.set(record.call, { kind: 'write', file, at, offset: record.offset, length: record.bytes.length });
        return;
      }
      case 'truncate':
        this.#file(record.inode).truncate(at, record.size);
        return;
      case 'sync':
        this.#underWay.set(record.call, { kind: 'sync', file: this.#file(record.inode), at });
        return;
      case 'sync-directory':
        this.#underWay.set(record.call, { kind: 'names', directory: record.path, at });
        return;
      case 'ended':
        this.#ended(record.call, record.succeeded);
        return;
      case 'print':
      case 'fault':
        return;
    }
  }

  /** Writes what a power cut now leaves to a directory of its own. */
  writeImage(directory: string, random: Random): void {
    const survival = this.#survival(random);
    const names = new Map(this.#names);
    const kept = random.pick([0, this.#nameChanges.length, random.below(this.#nameChanges.length + 1)]);
    for (const { change } of this.#nameChanges.slice(0, kept)) changeName(names, change);
    mkdirSync(directory, { recursive: true });
    // A directory that is not there any more takes with it what it held.
    const isReachable = (path: string): boolean => path === this.#root || (names.get(path) === 'directory' && isReachable(dirname(path)));
    for (const [path, named] of [...names].sort(([a], [b]) => a.length - b.length)) {
      if (!isReachable(dirname(path))) continue;
      const target = join(directory, relative(this.#root, path));
      if (named === 'directory') mkdirSync(target);
      else writeFileSync(target, named.image(survival, random));
    }
  }

  #survival(random: Random): Survival {
    if (random.chance(0.25)) return { kind: 'until', at: this.#at - random.below(40) };
    return { kind: 'sectors', probability: random.pick([0, 0.02, 0.1, 0.5, 0.9, 0.98, 1]) };
  }

  #file(inode: bigint): DiskFile {
    const file = this.#files.get(inode);
    if (!file) throw new Error('the trace uses a file that was there before it began');
    return file;
  }

  #ended(call: bigint, succeeded: boolean): void {
    const ended = this.#underWay.get(call);
    this.#underWay.delete(call);
    if (ended?.kind === 'names') {
      if (succeeded) this.#namesSynced(ended.directory, ended.at);
    } else if (ended?.kind === 'sync') {
      if (succeeded) ended.file.synced(ended.at);
      else ended.file.syncFailed(ended.at);
    } else if (ended && succeeded) {
      ended.file.synced(ended.at + 1, ended);
    }
  }

  #namesSynced(directory: string, before: number): void {
    const isDurable = ({ at, change }: { at: number; change: NameChange }) => at < before && dirname(change.path) === directory;
    for (const each of this.#nameChanges) if (isDurable(each)) changeName(this.#names, each.change);
    this.#nameChanges = this.#nameChanges.filter((each) => !isDurable(each));
  }
}

function changeName(names: Map<string, Named>, change: NameChange): void {
  if (change.kind === 'create') {
    names.set(change.path, change.named);
  } else if (change.kind === 'unlink') {
    names.delete(change.path);
  } else {
    const named = names.get(change.from);
    names.delete(change.from);
    if (named) names.set(change.path, named);
  }
}
