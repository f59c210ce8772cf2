// Ends its own process with SIGKILL at a named point. Production code knows nothing of it: a test loads it first, and it decorates
// the ports that a host is composed of, and the renames that make files durable.
//
//   FLOTILLA_CRASH_AT=persist:after:37 node --import ./crash-points.mjs dist/main.js serve kv …
//
// A point is a name, a phase (before, during, after) and the count at which it kills: 1 is the first time that it is reached. A
// parent may arm one later, with the message { crashAt: 'persist:after:37' }. FLOTILLA_CRASH_REPORT names the file that then says
// where the process died.
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { tokens } from '@flotilla/runtime';
import { Container } from 'inversify';

const reportFile = process.env.FLOTILLA_CRASH_REPORT ?? null;

/** @type {{ point: string, left: number, text: string } | null} */
let armed = null;

if (process.env.FLOTILLA_CRASH_AT) arm(process.env.FLOTILLA_CRASH_AT);
// The processes that this one starts shall live.
delete process.env.FLOTILLA_CRASH_AT;
process.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'crashAt' in message) arm(message.crashAt);
});

/** @param {string} text */
function arm(text) {
  const [, point, count] = /^([a-z-]+:(?:before|during|after)):(\d+)$/.exec(text) ?? [];
  if (point === undefined) throw new Error(`"${text}" is no crash point: write name:phase:count.`);
  armed = { point, left: Number(count), text };
}

/** @param {string} point @param {'before' | 'during' | 'after'} phase */
function reach(point, phase) {
  if (armed === null || armed.point !== `${point}:${phase}` || --armed.left > 0) return;
  if (reportFile !== null) fs.writeFileSync(reportFile, armed.text);
  process.kill(process.pid, 'SIGKILL');
}

/**
 * Makes `method` of `target` pass the point that `pointOf` names for its arguments, if any. What only promises to be done is over
 * when its promise is kept, or when its last part was taken.
 */
function around(target, method, pointOf) {
  const original = target?.[method];
  if (typeof original !== 'function') return;
  target[method] = function (...args) {
    const point = pointOf(...args);
    if (point === null) return original.apply(this, args);
    reach(point, 'before');
    const result = original.apply(this, args);
    if (result instanceof Promise) return untilKept(point, result);
    if (result?.[Symbol.asyncIterator] !== undefined) return untilTaken(point, result);
    reach(point, 'after');
    return result;
  };
}

async function untilKept(point, promise) {
  let kept = false;
  setImmediate(() => kept || reach(point, 'during'));
  try {
    return await promise;
  } finally {
    kept = true;
    reach(point, 'after');
  }
}

async function* untilTaken(point, parts) {
  for await (const part of parts) {
    yield part;
    reach(point, 'during');
  }
  reach(point, 'after');
}

/** What the host's ports are asked for, and what that is called here. */
const decorated = [
  [tokens.logStore, ['recover', () => 'recover'], ['write', pointOfWrite]],
  [tokens.stateStore, ['commit', () => 'state-commit'], ['flush', () => 'state-flush'], ['install', () => 'state-install']],
  [tokens.transport, ['send', () => 'send']],
  [
    tokens.snapshotStore,
    ['newest', () => 'snapshot-newest'],
    ['save', () => 'snapshot-save'],
    ['read', () => 'snapshot-read'],
    ['receive', () => 'snapshot-receive'],
    ['complete', () => 'snapshot-complete'],
    ['load', () => 'snapshot-load'],
  ],
];

/** The beginning of a group, the beginning of its log behind a snapshot, or terms, votes and entries. */
function pointOfWrite(writes) {
  const base = writes.find((write) => write.base !== null)?.base;
  if (base === undefined) return 'persist';
  return base.index === 0 ? 'founding' : 'compact';
}

const { load } = Container.prototype;
Container.prototype.load = function (...modules) {
  load.apply(this, modules);
  for (const [token, ...methods] of decorated) {
    this.onActivation(token, (_context, port) => {
      for (const [method, pointOf] of methods) around(port, method, pointOf);
      return port;
    });
  }
  this.onActivation(tokens.machineFactory, (_context, create) => (...args) => {
    const machine = create(...args);
    around(machine, 'apply', () => 'apply');
    return machine;
  });
};

/** Files are replaced by renaming the new one. */
function pointOfRename(_from, to) {
  const name = basename(String(to));
  if (name === 'identity.json') return 'identity';
  if (name === 'origin.json') return 'origin';
  if (name === 'peers.json') return 'peers';
  if (!String(to).includes('/snapshots/')) return null;
  return name.endsWith('.json') ? 'snapshot-manifest' : 'snapshot-data';
}

around(fs, 'renameSync', pointOfRename);
around(fsPromises, 'rename', pointOfRename);
syncBuiltinESMExports();
