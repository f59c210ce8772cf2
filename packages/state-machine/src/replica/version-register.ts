import { FlotillaError } from '@flotilla/core';
import type { StateSpace } from '../space/state-space.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';
import type { VersionRange } from './request.ts';

/** Of how many members announcements are kept at most. A group has far fewer. */
const membersMax = 1024;

/** Which version of the machine is active, and what the members can run. */
export class VersionRegister {
  readonly #announced: RecordTable<number, VersionRange>;
  #active: number | null = null;

  constructor(tracksChanges: boolean) {
    this.#announced = new RecordTable<number, VersionRange>('versions', { write: writeRange, read: readRange }, tracksChanges);
  }

  get records(): StoredRecords {
    return this.#announced;
  }

  /** Null as long as the group has applied no command. */
  get active(): number | null {
    return this.#active;
  }

  load(space: StateSpace, active: number | null): void {
    this.#announced.load(space);
    this.#active = active;
  }

  announced(member: number): VersionRange | null {
    return this.#announced.get(member) ?? null;
  }

  /** What a member can run counts only as long as it has something later to activate. */
  announce(member: number, versions: VersionRange): void {
    if (this.#active !== null && versions.newest <= this.#active) return void this.#announced.delete(member);
    if (this.#announced.size >= membersMax && this.#announced.get(member) === undefined) return;
    this.#announced.set(member, versions);
  }

  /** Why `version` cannot be activated; null where it can. */
  obstacle(version: number, members: readonly number[]): string | null {
    if (this.#active !== null && version <= this.#active) return `version ${this.#active} is active already`;
    if (members.length === 0) return 'no member was named that can run it';
    const unable = members.filter((member) => {
      const range = this.#announced.get(member);
      return range === undefined || version < range.oldest || version > range.newest;
    });
    return unable.length === 0 ? null : `these members have not announced that they can run it: ${unable.join(', ')}`;
  }

  activate(version: number): void {
    this.#active = version;
    for (const [member, { newest }] of this.#announced.entries()) if (newest <= version) this.#announced.delete(member);
  }
}

/** The state is of a version of machine `name` that this program does not have. */
export function unsupportedVersion(name: string, version: number, { oldest, newest }: VersionRange): FlotillaError {
  const here = oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
  return new FlotillaError(
    'machine_version_unsupported',
    `version ${version} of machine "${name}" is active in this group, and this program has ${here}`,
    `Start a program on this member that has version ${version} of "${name}". It goes on where this one ended.`,
  );
}

function writeRange({ oldest, newest }: VersionRange): unknown {
  return [oldest, newest];
}

function readRange(_member: number, written: unknown): VersionRange {
  const [oldest, newest] = written as readonly [number, number];
  return { oldest, newest };
}
