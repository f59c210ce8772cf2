const time = 'Use ctx.now, the time that is in the log.';
const date = 'Use new Date(ctx.now): the time that is in the log.';
const zone = 'Use the UTC methods: the time zone differs from host to host.';
const locale = 'Compare with < and >, and leave wording to whoever shows it: locales differ from host to host.';
const random = 'Use ctx.random(): every replica draws the same.';
const uuid = 'Use ctx.uuid(): every replica draws the same.';
const timer = 'Use ctx.schedule(id, { at, command, input }): a timer that is in the log.';
const later = 'A handler waits for nothing: decide at once, or use ctx.schedule(id, { at, command, input }).';
const input = 'A machine does no I/O: ask first and put what you learned into the command, or use ctx.effect(type, data, { then }).';

/** Where something is that a machine must not use, by the way to it from the global object; and what the machine has instead. */
export type Forbidden = readonly [owner: readonly string[], names: readonly string[], hint: string];

/** `Date` is not here: as a constructor it is forbidden without a time only. */
export const forbidden: readonly Forbidden[] = [
  [['Math'], ['random'], random],
  [['crypto'], ['getRandomValues'], random],
  [['crypto'], ['randomUUID'], uuid],
  [['performance'], ['now'], time],
  [['process'], ['hrtime'], time],
  [['process', 'hrtime'], ['bigint'], time],
  [['Date'], ['now'], time],
  [
    ['Date', 'prototype'],
    [
      ...['getTimezoneOffset', 'getFullYear', 'getMonth', 'getDate', 'getDay', 'getHours', 'getMinutes'],
      ...['toString', 'toDateString', 'toTimeString', 'toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'],
    ],
    zone,
  ],
  [['String', 'prototype'], ['localeCompare'], locale],
  [['Number', 'prototype'], ['toLocaleString'], locale],
  [[], ['setTimeout', 'setInterval'], timer],
  [[], ['setImmediate', 'queueMicrotask'], later],
  [['process'], ['nextTick'], later],
  [[], ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'], input],
];

/** Functions of `node:fs` that answer at once; the others need somebody who waits. */
export const forbiddenFiles = [
  ...['readFileSync', 'writeFileSync', 'appendFileSync', 'existsSync', 'statSync', 'lstatSync', 'readdirSync', 'openSync', 'readSync'],
  ...['writeSync', 'mkdirSync', 'rmSync', 'unlinkSync', 'renameSync', 'copyFileSync', 'readFile', 'writeFile', 'createReadStream'],
];

export const dateHint = date;
export const fileHint = input;
