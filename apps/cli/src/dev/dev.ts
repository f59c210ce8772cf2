import { relative, resolve } from 'node:path';
import { emitKeypressEvents } from 'node:readline';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import { findApp } from '../apps.ts';
import { describeError } from '../exit-code.ts';
import { plainScreen, type Screen, terminalScreen } from '../live-screen.ts';
import { statusLine, statusTable } from '../member-status.ts';
import { watchMembers } from '../watch-members.ts';
import { addressesOf, type DevMember, devPlan, parsePorts } from './dev-plan.ts';
import { linesToTry } from './lines-to-try.ts';
import { LocalCluster } from './local-cluster.ts';
import { entryPoint, type MemberEnd } from './member-process.ts';

const refreshMs = 1000;

export interface DevOptions {
  readonly peerPorts: string;
  readonly clientPorts: string;
  readonly directory: string;
}

/** Runs a whole cluster on this machine, with a live table, until a signal or Ctrl-C. */
export async function dev(argument: string, { peerPorts, clientPorts, directory }: DevOptions): Promise<void> {
  const { name, machine } = await findApp(argument);
  const plan = devPlan({ name, argument }, resolve(directory), parsePorts(peerPorts), parsePorts(clientPorts));
  const screen = process.stdout.isTTY ? terminalScreen(process.stdout) : plainScreen(process.stdout);
  const interactive = process.stdout.isTTY && process.stdin.isTTY;
  const cluster = new LocalCluster(plan, (member, end) => screen.line(lostLine(argument, member, end, interactive)));
  await cluster.assertSamePorts();
  const interrupted = new Promise<void>((interrupt) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt());
    if (interactive) onKeys(cluster, screen, interrupt);
  });
  try {
    const started = await Promise.race([cluster.start().then(() => true), interrupted.then(() => false)]);
    if (started) {
      screen.line(introduction(machine, plan.members, interactive));
      const stopWatching = watch(cluster, screen);
      await interrupted;
      stopWatching();
    }
    screen.line('Stopping…');
    await cluster.stop();
    screen.line(`Stopped. The data stays in ${relative(process.cwd(), resolve(directory, name)) || '.'}.`);
  } finally {
    if (interactive) process.stdin.setRawMode(false).pause();
  }
}

/** Keeps the table up to date, with members that joined from outside, too; returns how to stop that. */
function watch(cluster: LocalCluster, screen: Screen): () => void {
  const members = cluster.plan.members.map((member) => ({ member: member.id, endpoint: addressesOf(member).client }));
  const endpoints = members.map(({ endpoint }) => endpoint);
  return watchMembers(endpoints, { refreshMs, timeoutMs: 400 }, (reports) => {
    const local = members.map(({ member, endpoint }) => ({ member, endpoint, pid: cluster.pid(member) }));
    // Without a terminal the table is printed again when somebody's role or term changed, not for every entry.
    screen.update(`\n${statusTable(reports, local)}`, statusLine(reports));
  });
}

function introduction(machine: AnyMachineDefinition, members: readonly DevMember[], interactive: boolean): string {
  const lines = [
    `Flotilla: ${members.length} members, one replicated log. Try, in another shell:`,
    '',
    ...linesToTry(
      machine,
      members.map((member) => addressesOf(member).client),
    ).map((line) => `  ${line}`),
    '',
  ];
  const keys = `Press ${members.map(({ id }) => id).join(', ')} to kill -9 that member or to start it again; Ctrl-C stops all.`;
  return [...lines, interactive ? keys : 'Ctrl-C (SIGINT) stops all members.'].join('\n');
}

function lostLine(app: string, { id, configFile }: DevMember, end: MemberEnd, interactive: boolean): string {
  const why = end.signal ?? `exit code ${end.code}${end.lastWords === '' ? '' : `: ${end.lastWords}`}`;
  const command = `node ${relative(process.cwd(), entryPoint())} serve ${app} --config ${relative(process.cwd(), configFile)}`;
  return `Member ${id} ended (${why}). Start it again: ${interactive ? `press ${id}, or ` : ''}${command}`;
}

function onKeys(cluster: LocalCluster, screen: Screen, quit: () => void): void {
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  process.stdin.on('keypress', (_text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }) => {
    if (key.ctrl && key.name === 'c') return quit();
    const member = cluster.plan.members.find(({ id }) => String(id) === key.name);
    if (!member) return;
    if (cluster.isRunning(member.id)) return cluster.kill(member.id);
    void cluster
      .restart(member)
      .then((end) => end && screen.line(`Member ${member.id} did not start: ${end.lastWords}`))
      .catch((error: unknown) => screen.line(describeError(error)));
  });
}
