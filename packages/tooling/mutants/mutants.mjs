// Breaks the consensus on purpose, in one way after the other, and requires that the simulator notices.
//
//   npm run mutants [-- name…] [--seeds 500] [--jobs 2]
//
// Prints for each mutant which seed caught it, and by which invariant; at the end a table for docs/track-record.md. Fails where
// one was not caught.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';

const self = fileURLToPath(import.meta.url);
const bundle = join(repositoryRoot, 'node_modules/.cache/mutants/campaign.mjs');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '500' }, jobs: { type: 'string', default: '2' }, one: { type: 'boolean', default: false } },
});
const seeds = Number(values.seeds);

if (values.one) await huntOne(positionals[0]);
else await huntAll();

/** What runs in a process of its own: hunts one mutant, and prints how that ended. */
async function huntOne(name) {
  stopWithParent();
  const { catalogue, hunt, Workshop } = await import(pathToFileURL(bundle).href);
  const mutant = catalogue.find((each) => each.name === name);
  const workshop = await Workshop.open(repositoryRoot);
  try {
    const mutated = await workshop.build(mutant.edits);
    const original = await workshop.build([]);
    const began = performance.now();
    const ended = await hunt(mutant, countUp(seeds), mutated, original);
    process.stdout.write(JSON.stringify({ ...ended, seconds: (performance.now() - began) / 1000 }));
  } finally {
    await workshop.close();
  }
}

function* countUp(through) {
  for (let seed = 1; seed <= through; seed++) yield seed;
}

async function huntAll() {
  await buildCampaign();
  const { catalogue } = await import(pathToFileURL(bundle).href);
  const unknown = positionals.filter((name) => !catalogue.some((each) => each.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no mutant ${unknown.join(', ')}. There are: ${catalogue.map(({ name }) => name).join(', ')}.\n`);
    process.exitCode = 2;
    return;
  }
  const wanted = catalogue.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const waiting = [...wanted];
  const ended = new Map();
  const work = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const result = await inProcess(mutant.name);
      ended.set(mutant.name, result);
      process.stdout.write(`${describe(mutant, result)}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  printTable(wanted, ended);
  process.exitCode = [...ended.values()].every(({ caught }) => caught) ? 0 : 1;
}

/** The catalogue, and everything that hunts with it, as plain JavaScript. */
async function buildCampaign() {
  await mkdir(join(bundle, '..'), { recursive: true });
  const campaign = await rolldown({
    input: join(repositoryRoot, 'packages/simulator/test/mutants/campaign.ts'),
    platform: 'node',
    external: /^(?!@flotilla\/|@oxc-project\/)[@a-z]/,
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  });
  await campaign.write({ file: bundle, format: 'esm' });
  await campaign.close();
}

function inProcess(name) {
  const flags = ['--single-threaded', '--max-semi-space-size=128'];
  const child = spawn(process.execPath, [...flags, self, '--one', '--seeds', values.seeds, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  return new Promise((resolve) => {
    child.on('close', (code) =>
      resolve(code === 0 ? JSON.parse(output) : { caught: null, seeds: 0, failingAnyway: [], seconds: 0, errors }),
    );
  });
}

function describe({ name, caughtBy }, { caught, seeds: tried, failingAnyway, seconds, errors }) {
  const anyway = failingAnyway.length > 0 ? `, ${failingAnyway.length} seeds fail anyway (${failingAnyway.slice(0, 5).join(', ')})` : '';
  if (errors) return `✗ ${name}: could not be tried\n${errors}`;
  if (caught === null) return `✗ ${name}: not caught by ${tried} seeds, ${seconds.toFixed(1)} s${anyway}`;
  const expected = caughtBy.includes(caught.invariant) ? '' : ' (not one of those that the catalogue names)';
  return `✓ ${name}: ${caught.invariant}${expected}, seed ${caught.seed}, after ${tried}, ${seconds.toFixed(1)} s${anyway}\n    ${caught.message}`;
}

function printTable(wanted, ended) {
  const rows = wanted.map(({ name, why }) => {
    const { caught, seeds: tried, seconds } = ended.get(name);
    return `| ${name} | ${why} | ${caught?.invariant ?? 'not caught'} | ${caught?.seed ?? '–'} | ${tried} | ${seconds.toFixed(1)} |`;
  });
  const caught = [...ended.values()].filter((each) => each.caught).length;
  process.stdout.write(
    `\n${caught} of ${wanted.length} mutants were caught.\n\n` +
      `| mutant | what is broken | caught by | seed | seeds tried | seconds |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  );
}
