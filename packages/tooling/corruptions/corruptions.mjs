// Damages data directories in random ways, and starts on them: stores of known content, then members of a real cluster.
//
//   npm run corruptions [-- --corruptions 200] [--members 10] [--seed 1]        (build first)
//
// Prints what became of each: harmless, healed, refused, or wrong. Fails where one was wrong: it served what was never written,
// had forgotten a promise without knowing, died, or did not say what to do.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleOf, load, scratchDirectory, wholeNumber } from '../power-cuts/campaign-programs.mjs';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { corruptMembers } from './corrupt-members.mjs';

const { values } = parseArgs({
  options: {
    corruptions: { type: 'string', default: '200' },
    members: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const corruptions = wholeNumber('--corruptions', values.corruptions);
const members = wholeNumber('--members', values.members);
const seed = wholeNumber('--seed', values.seed);

stopWithParent();
if (corruptions === null || members === null || seed === null) {
  process.exitCode = 2;
} else {
  const stores = await corruptStores();
  process.exitCode = (await corruptMembers(members, seed)) && stores ? 0 : 1;
}

async function corruptStores() {
  const { corruptionCampaign } = await load('corruption/corruption-campaign.ts');
  const program = await bundleOf('corruption/program.ts');
  const scratch = scratchDirectory('corruptions');
  const { stores, outcomes, overlooked } = await corruptionCampaign({ program, seed, corruptions, scratch });
  for (const { number, corruption, examined } of stores) {
    if (examined.outcome === 'wrong') process.stdout.write(`  ${number}: ${corruption.kind}, ${corruption.what}: ${examined.detail}\n`);
  }
  for (const { number, corruption, verified } of overlooked) {
    process.stdout.write(`  ${number}: ${corruption.kind}, ${corruption.what}: verify says ${verified.join('; ') || 'nothing'}\n`);
  }
  const { harmless, healed, refused, wrong } = outcomes;
  const touched = stores.filter(({ touchesLiveData }) => touchesLiveData).length;
  process.stdout.write(
    `${corruptions} corrupted stores, ${touched} in what counts: ${harmless} harmless, ${healed} healed, ${refused} refused, ${wrong} wrong; ` +
      `verify misjudged ${overlooked.length}\n`,
  );
  if (wrong + overlooked.length === 0) rmSync(scratch, { recursive: true });
  else process.stdout.write(`they are in ${scratch}\n`);
  return wrong + overlooked.length === 0;
}
