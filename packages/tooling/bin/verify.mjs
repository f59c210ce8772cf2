#!/usr/bin/env node
// `npm run verify [-- step…]`: the one gate. Without names all steps run.
import { runSteps } from '../src/verify/run-steps.mjs';
import { verifySteps } from '../src/verify/steps.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !verifySteps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}. There are: ${verifySteps.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const steps = wanted.length === 0 ? verifySteps : verifySteps.filter(({ name }) => wanted.includes(name));
const failed = await runSteps(steps, (text) => console.log(text));
console.log(failed.length === 0 ? '\nAll is well.' : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
