// Kills the members of real clusters with -9 at named points under load, again and again, and checks every write that was
// acknowledged.
//
//   npm run crash [-- --rounds 1000] [--seed 1]
//
// Prints at which points processes died, how often, and the verdict. Fails, and keeps the directories, where something happened that
// must not.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { ensureReady } from '../src/ready/ensure-ready.mjs';

const tests = join(repositoryRoot, 'apps/cli/test/crash');
const bundle = join(repositoryRoot, 'node_modules/.cache/crash/campaign.mjs');

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } } });
const rounds = wholeNumber('--rounds', values.rounds);
const seed = wholeNumber('--seed', values.seed);

stopWithParent();
if (rounds === null || seed === null) process.exitCode = 2;
else if (await ensureReady()) process.exitCode = (await campaign(rounds, seed)) ? 0 : 1;
else process.exitCode = 1;

async function campaign(rounds, seed) {
  await build();
  const { runCrashCampaign } = await import(pathToFileURL(bundle).href);
  return runCrashCampaign({
    cli: join(repositoryRoot, 'apps/cli/dist/main.js'),
    preloads: [join(tests, 'crash-points.mjs')],
    rounds,
    seed,
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

/** The campaign, with everything that it uses of the sources, as plain JavaScript. */
async function build() {
  await mkdir(join(bundle, '..'), { recursive: true });
  const built = await rolldown({
    input: join(tests, 'crash-campaign.ts'),
    platform: 'node',
    external: /^(?!@flotilla\/)[@a-z]/,
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  });
  await built.write({ file: bundle, format: 'esm' });
  await built.close();
}

function wholeNumber(name, text) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  process.stderr.write(`${name} ${text} is not a whole number from 1 on.\n`);
  return null;
}
