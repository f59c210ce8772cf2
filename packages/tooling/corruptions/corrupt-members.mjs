import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemberProcesses, until } from '../member-processes/member-processes.mjs';
import { load } from '../power-cuts/campaign-programs.mjs';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/flotilla.js', import.meta.url));
const writesPerRound = 40;
const refusedAtStart = /data_directory_unusable/;
const refusedByPeers = /older copy of its data|another data directory/;

/**
 * Stops one member of a real cluster after the other, damages its directory, and starts it again. Whoever refuses gets the directory
 * back as it was. Resolves with whether each healed or said why not, and every acknowledged write is there in the end.
 */
export async function corruptMembers(rounds, seed) {
  const { corrupt } = await load('corruption/corruptions.ts');
  const { Random } = await load('faults/random.ts');
  const members = await MemberProcesses.create(3, () => ({ electionTimeoutMs: 500, heartbeatIntervalMs: 50 }));
  const cluster = new CorruptedCluster(members);
  const outcomes = { harmless: 0, healed: 0, refused: 0, wrong: 0 };
  try {
    await cluster.begin();
    for (let round = 1; round <= rounds; round++) {
      const id = (round % 3) + 1;
      const { outcome, what, detail } = await cluster.round(id, (directory, directories) =>
        corrupt(directory, directories, new Random(seed, round)),
      );
      outcomes[outcome]++;
      process.stdout.write(`  member ${id}, ${what}: ${outcome}${detail ? `: ${detail}` : ''}\n`);
    }
    const lost = await cluster.lost();
    const { harmless, healed, refused, wrong } = outcomes;
    process.stdout.write(
      `${rounds} corrupted members: ${harmless} harmless, ${healed} healed, ${refused} refused, ${wrong} wrong; ` +
        `${cluster.acknowledged.size} writes acknowledged, ${lost} of them lost\n`,
    );
    for (const what of cluster.looping) process.stdout.write(`  ${what}\n`);
    return wrong + cluster.looping.length + lost === 0;
  } finally {
    await cluster.end();
    await members.destroy();
  }
}

class CorruptedCluster {
  acknowledged = new Map();
  looping = [];
  #members;
  /** Those that were started here, so that it is seen how they end. */
  #started = new Map();
  #written = 0;

  constructor(members) {
    this.#members = members;
  }

  async begin() {
    for (const id of [1, 2, 3]) await this.#start(id);
    await this.#members.leader();
    for (const id of [1, 2, 3]) {
      await this.#write();
      await this.#stop(id);
      cpSync(this.#directory(id), this.#copy(id, 'older'), { recursive: true });
      await this.#start(id);
      await this.#members.leader();
    }
  }

  async round(id, corrupt) {
    await this.#revive();
    await this.#write();
    await this.#stop(id);
    const directory = this.#directory(id);
    const healthy = this.#copy(id, 'healthy');
    rmSync(healthy, { recursive: true, force: true });
    cpSync(directory, healthy, { recursive: true });
    const { kind, what } = corrupt(directory, { healthy, older: this.#copy(id, 'older'), other: this.#copy((id % 3) + 1, 'older') });
    await this.#write();
    const started = await this.#start(id);
    const caughtUp = await this.#caughtUpOrEnded(id, started);
    const said = started.errors.split('\n').find((line) => line.trim() !== '') ?? '';
    if (caughtUp)
      return {
        outcome: /recover|damage|begins anew/i.test(started.errors) ? 'healed' : 'harmless',
        what: `${kind}, ${what}`,
        detail: said,
      };
    const { exitCode, signalCode } = started.child;
    await this.#stop(id);
    const isRefusal = exitCode === null ? refusedByPeers.test(started.errors) : signalCode === null && refusedAtStart.test(started.errors);
    if (!isRefusal) return { what: `${kind}, ${what}`, ...(await this.#endedLater(id, started)) };
    rmSync(directory, { recursive: true });
    cpSync(healthy, directory, { recursive: true });
    const isBack = await this.#caughtUpOrEnded(id, await this.#start(id));
    if (isBack) return { outcome: 'refused', what: `${kind}, ${what}`, detail: said };
    return { outcome: 'wrong', what: `${kind}, ${what}`, detail: `did not come back with what it had before: ${said}` };
  }

  /** Whoever stopped itself after it had come back, because it read what is damaged only then, has to heal when it is started again. */
  async #revive() {
    for (const [id, { child, errors }] of this.#started) {
      if (child.exitCode === null && child.signalCode === null) continue;
      const last = errors.split('\n').findLast((line) => line.startsWith('flotilla: '));
      if (await this.#caughtUpOrEnded(id, await this.#start(id))) continue;
      this.looping.push(`member ${id} stopped itself again and again: ${last}`);
      await this.#stop(id);
      rmSync(join(this.#directory(id), 'state.mdb'));
      await this.#caughtUpOrEnded(id, await this.#start(id));
    }
  }

  /** Whoever served for a while and stopped itself has to heal when it is started again, as it says. */
  async #endedLater(id, { child, errors }) {
    const last =
      errors.split('\n').findLast((line) => line.startsWith('flotilla: ')) ?? `exit code ${child.exitCode}, signal ${child.signalCode}`;
    const again = await this.#start(id);
    if (await this.#caughtUpOrEnded(id, again)) return { outcome: 'healed', detail: `stopped itself, and came back: ${last}` };
    await this.#stop(id);
    // So that the others have a third member again; the round has failed.
    rmSync(join(this.#directory(id), 'state.mdb'));
    const isBack = await this.#caughtUpOrEnded(id, await this.#start(id));
    return { outcome: 'wrong', detail: `ends again and again${isBack ? ', until its state.mdb is removed' : ''}: ${last}` };
  }

  /** How many acknowledged writes are not there any more, as every member tells. */
  async lost() {
    await this.#revive();
    await this.#members.leader();
    let lost = 0;
    for (const [key, value] of this.acknowledged) {
      const id = (lost % 3) + 1;
      const response = await fetch(this.#members.url(id, `/v1/kv/${key}`));
      if (!response.ok || (await response.text()) !== value) lost++;
    }
    return lost;
  }

  async end() {
    for (const id of [...this.#started.keys()]) await this.#stop(id);
  }

  async #write() {
    for (let i = 0; i < writesPerRound; i++) {
      const [key, value] = [`key-${this.#written % 500}`, `value-${this.#written}-${'x'.repeat(this.#written % 300)}`];
      this.#written++;
      const urls = [...this.#started.keys()].map((id) => this.#members.url(id, `/v1/kv/${key}`));
      await until(`write ${this.#written} succeeds`, async () => {
        const url = urls[Math.floor(this.#written + i) % urls.length];
        const response = await fetch(url, { method: 'PUT', body: value, signal: AbortSignal.timeout(5_000) }).catch(() => null);
        urls.push(urls.shift());
        return response?.ok === true;
      });
      this.acknowledged.set(key, value);
    }
  }

  /** True once the member has applied what the leader has committed; false once it has ended, or was refused by its peers. */
  async #caughtUpOrEnded(id, started) {
    const others = [1, 2, 3].filter((other) => other !== id);
    let caughtUp = false;
    await until(`member ${id} catches up, or ends`, async () => {
      if (started.child.exitCode !== null || started.child.signalCode !== null) return true;
      if (refusedByPeers.test(started.errors)) return true;
      const [own, ...theirs] = await Promise.all([id, ...others].map((each) => this.#members.status(each)));
      const newest = Math.max(...theirs.map((status) => status?.appliedIndex ?? 0));
      caughtUp = newest > 0 && own?.leader > 0 && own.appliedIndex >= newest && own.recovering !== true;
      return caughtUp;
    });
    return caughtUp;
  }

  async #start(id) {
    const config = join(this.#members.directory, `member-${id}.yaml`);
    const child = spawn(process.execPath, [cli, 'serve', 'kv', '--config', config, '--log-level', 'warn'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = { child, errors: '' };
    const keep = (data) => {
      started.errors = `${started.errors}${data}`.slice(0, 4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#started.set(id, started);
    return started;
  }

  async #stop(id) {
    const { child } = this.#started.get(id) ?? {};
    this.#started.delete(id);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  #directory(id) {
    return join(this.#members.directory, `member-${id}`);
  }

  #copy(id, what) {
    return join(this.#members.directory, `${what}-${id}`);
  }
}
