/**
 * What does not even compile in a pure package, whose `lib` has the language only and whose `types` are empty. `snapshot`
 * joins by its own tsconfig, once it has one.
 */
const absent = [
  ['setTimeout', 'setTimeout(() => 0, 1)'],
  ['console', 'console.log(0)'],
  ['process', 'process.pid'],
  ['Buffer', 'Buffer.alloc(1)'],
  ['fetch', "fetch('')"],
];

/** @type {readonly import('./wall.mjs').Wall[]} */
export const typeWalls = ['core', 'state-machine'].flatMap((name) =>
  absent.map(([global, use]) => ({
    rule: `${name} knows ${global}`,
    tool: /** @type {const} */ ('tsc'),
    file: `packages/${name}/src/probe-${global?.toLowerCase()}.ts`,
    violation: `export const probe = () => ${use};`,
    allowed: 'export const probe = () => 0;',
    reason: `Cannot find name '${global}'`,
  })),
);
