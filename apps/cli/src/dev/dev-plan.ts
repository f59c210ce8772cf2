import { join } from 'node:path';
import { stringify } from 'yaml';
import { usageError } from '../usage-error.ts';

/** One member of a local cluster. */
export interface DevMember {
  readonly id: number;
  readonly peerPort: number;
  readonly clientPort: number;
  readonly configFile: string;
}

/** What a local cluster serves. */
export interface DevApp {
  readonly name: string;
  /** As `flotilla serve` takes it: a name, or the path of a module. */
  readonly argument: string;
}

/** Where the members of a local cluster live and listen. */
export interface DevPlan {
  readonly app: DevApp;
  readonly cluster: string;
  readonly members: readonly DevMember[];
}

export function devPlan(app: DevApp, directory: string, peerPorts: readonly number[], clientPorts: readonly number[]): DevPlan {
  if (peerPorts.length !== clientPorts.length) {
    throw usageError(`${peerPorts.length} peer ports and ${clientPorts.length} client ports`, 'Name one of each for every member.');
  }
  if (new Set([...peerPorts, ...clientPorts]).size !== peerPorts.length + clientPorts.length) {
    throw usageError('a port occurs twice', 'Give every member two ports of its own.');
  }
  const home = join(directory, app.name);
  const members = peerPorts.map((peerPort, i) => ({
    id: i + 1,
    peerPort,
    clientPort: clientPorts[i] ?? 0,
    configFile: join(home, `member-${i + 1}.yaml`),
  }));
  return { app, cluster: `dev-${app.name}`, members };
}

/** Where the others, and clients, reach a member. */
export function addressesOf({ peerPort, clientPort }: DevMember): { readonly peer: string; readonly client: string } {
  return { peer: `127.0.0.1:${peerPort}`, client: `127.0.0.1:${clientPort}` };
}

/** A member's data, beside its configuration file. */
export function dataDirectoryOf({ id }: DevMember): string {
  return `member-${id}`;
}

/** The configuration file of a member, as `flotilla serve --config` reads it. */
export function memberConfig(plan: DevPlan, member: DevMember): string {
  const members = Object.fromEntries(plan.members.map((one) => [one.id, addressesOf(one)]));
  return stringify({
    cluster: plan.cluster,
    member: member.id,
    dataDirectory: dataDirectoryOf(member),
    members,
    determinism: 'enforced',
    logFile: `member-${member.id}.log`,
  });
}

/** Reads `7000,8000,9000`. */
export function parsePorts(text: string): readonly number[] {
  const ports = text.split(',').map((part) => Number(/^\s*\d{1,5}\s*$/.test(part) ? part : Number.NaN));
  if (ports.some((port) => !(port >= 1 && port <= 65_535))) {
    throw usageError(`"${text}" is not a list of ports`, 'Write whole numbers from 1 to 65535, separated by commas.');
  }
  return ports;
}
