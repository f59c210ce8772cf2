#!/usr/bin/env node
// `npm run walls`: plants a violation of every rule that a tool enforces and requires that it is caught.
import { formatDuration } from '../src/process/duration.mjs';
import { allWalls, tryWalls } from '../src/walls/try-walls.mjs';

const began = Date.now();
const verdicts = await tryWalls(allWalls());
const width = Math.max(...verdicts.map(({ wall }) => wall.rule.length));
console.log(`${'wall'.padEnd(width)}  tool     caught`);
for (const { wall, caught, detail } of verdicts) {
  console.log(`${wall.rule.padEnd(width)}  ${wall.tool.padEnd(7)}  ${caught ? 'yes' : `NO: ${detail}`}`);
}
const missed = verdicts.filter(({ caught }) => !caught).length;
console.log(`\n${verdicts.length - missed} of ${verdicts.length} violations caught in ${formatDuration(Date.now() - began)}.`);
process.exitCode = missed === 0 ? 0 : 1;
