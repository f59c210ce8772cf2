/** What a pure package must not do, each planted in a file of its own: `[rule, violation, allowed, reason]`. */
const ambient = /** @type {const} */ ([
  ['reads the clock', 'export const probe = () => Date.now();', 'export const probe = (now: number) => now;', 'Ambient input'],
  ['makes a date of now', 'export const probe = () => new Date();', 'export const probe = (now: number) => now;', 'Ambient input'],
  ['draws a random number', 'export const probe = () => Math.random();', 'export const probe = () => Math.max(1, 2);', 'Ambient input'],
  ['takes Math apart', 'const { random } = Math;\nexport const probe = random;', 'export const probe = Math.min;', 'Ambient input'],
  ['measures time', 'export const probe = () => performance.now();', 'export const probe = (now: number) => now;', 'performance'],
  ['sets a timer', 'export const probe = () => setTimeout(() => 0, 1);', 'export const probe = () => 0;', 'setTimeout'],
  ['draws a uuid', 'export const probe = () => crypto.randomUUID();', 'export const probe = () => 0;', 'crypto'],
  ['looks at the process', 'export const probe = () => process.pid;', 'export const probe = () => 0;', 'process'],
  ['looks at the global object', 'export const probe = () => globalThis;', 'export const probe = () => 0;', 'globalThis'],
  [
    'imports from Node',
    "import { readFileSync } from 'node:fs';\nexport const probe = readFileSync;",
    "import { probe as other } from './probe-target.ts';\nexport const probe = other;",
    'depend',
  ],
  [
    'imports RxJS',
    "import { Subject } from 'rxjs';\nexport const probe = new Subject();",
    "import { probe as other } from './probe-target.ts';\nexport const probe = other;",
    'depend',
  ],
]);

const waiting = /** @type {const} */ ([
  ['has an asynchronous function', 'export async function probe() {}', 'export function probe() {}', 'Asynchronous function'],
  ['has an asynchronous arrow', 'export const probe = async () => 0;', 'export const probe = () => 0;', 'Asynchronous function'],
  [
    'has an asynchronous method',
    'export class Probe {\n  async run() {}\n}',
    'export class Probe {\n  run() {}\n}',
    'Asynchronous function',
  ],
]);

const promised = /** @type {const} */ ([
  ['names a promise', 'export type Probe = Promise<number>;', 'export type Probe = readonly number[];', 'Promise'],
]);

/**
 * Pure packages and what is forbidden in each. A machine's commands are checked by schemas that may be asynchronous, and
 * a snapshot store answers later; only the core knows no waiting at all.
 */
const purePackages = [
  { name: 'core', rules: [...ambient, ...waiting, ...promised] },
  { name: 'state-machine', rules: ambient },
  { name: 'snapshot', rules: [...ambient, ...waiting] },
];

/** @type {readonly import('./wall.mjs').Wall[]} */
export const purityWalls = purePackages.flatMap(({ name, rules }) =>
  rules.map(([what, violation, allowed, reason], place) => ({
    rule: `${name} ${what}`,
    tool: /** @type {const} */ ('biome'),
    file: `packages/${name}/src/probe-${place}.ts`,
    violation,
    allowed,
    reason,
    also: { [`packages/${name}/src/probe-target.ts`]: 'export const probe = 0;' },
  })),
);
