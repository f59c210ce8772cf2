import { answerError } from '../../src/client/answer-error.ts';
import type { SimCall } from '../../src/workload/workload.ts';
import { type Lab, patienceMs } from './lab.ts';
import type { Position } from './service-layer.ts';

/** A command that a leader has put into its log. */
export interface Started extends Position {
  readonly server: number;
  readonly serial: number;
}

/** How long a command may wait in a leader's log before it is tried elsewhere, in milliseconds. */
const commitMs = 2000;

const pauseMs = 20;

/** The course's `Start`: hands a command to this very server; null where it does not lead. */
export async function start(lab: Lab, server: number, padding = ''): Promise<Started | null> {
  const host = lab.host(server);
  const { group, process } = host;
  if (group === null || process === null || group.status().role !== 'leader') return null;
  const { records } = lab.stage;
  const serial = lab.nextSerial();
  const key = `server ${server}`;
  const value = `${serial}.${padding}`;
  const input = { key, value, serial };
  const call: SimCall = { kind: 'command', name: 'put', input, history: { f: 'put', key, value } };
  const { position, refuse } = lab.service.placed(host.member, serial);
  const record = records.begin(server, serial, call);
  process.enter(() => {
    const executed = group.execute({ type: 'put', input }, { timeoutMs: patienceMs }).then(
      ({ index, term, outcome }) => records.applied(record, { index, term, reply: outcome.kind === 'accepted' ? outcome.reply : null }),
      (error: unknown) => records.failed(record, answerError(error, group)),
    );
    // Whoever has just ceased to lead forwards the command.
    void executed.then(refuse);
  });
  const at = await position;
  return at && { server, serial, ...at };
}

/** Hands a command to whichever server leads and takes part. */
export async function startOnLeader(lab: Lab, padding = ''): Promise<Started | null> {
  for (const server of lab.random.shuffle(lab.all)) {
    const started = lab.takesPart(server) ? await start(lab, server, padding) : null;
    if (started !== null) return started;
  }
  return null;
}

/** On how many servers the command is applied, those included that are disconnected: the course's `nCommitted`. */
export function committedOn(lab: Lab, { index, serial }: Started): number {
  return lab.committed.at(index) === serial ? lab.hosts.filter(({ member }) => lab.service.applied(member) >= index).length : 0;
}

/** Whether its place in the log was given to another command, so that it is in vain. */
function isOverwritten(lab: Lab, { index, serial }: Started): boolean {
  const committed = lab.committed.at(index);
  return committed === null ? lab.committed.lastIndex > index : committed !== serial;
}

/**
 * The course's `one`: gets a command committed on so many servers at least, and returns its index. Where a leader does not
 * manage to, another one gets a new command, unless `retry` is false.
 */
export async function one(lab: Lab, servers: number, { retry = true, padding = '' } = {}): Promise<number> {
  const end = lab.world.now + patienceMs;
  while (lab.world.now < end) {
    const started = await startOnLeader(lab, padding);
    if (started === null) {
      await lab.sleep(pauseMs);
      continue;
    }
    await lab.comesTrue(() => committedOn(lab, started) >= servers || isOverwritten(lab, started), commitMs);
    if (committedOn(lab, started) >= servers) return started.index;
    if (!retry) break;
  }
  throw new Error(`no command was committed on ${servers} servers in time`);
}

/** One command after the other, `count` of them. */
export async function many(lab: Lab, count: number, servers: number): Promise<void> {
  for (let i = 0; i < count; i++) await one(lab, servers);
}
