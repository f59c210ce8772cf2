// Cuts the power of recorded runs of the storage at random moments, and opens what a disk may have kept.
//
//   npm run power-cuts [-- --images 2000] [--seed 1]        (Linux with a C compiler)
//
// An image is what was synced, and of the rest any sectors, sizes and names. Prints how many opened, and what was lost: nothing.
// The images that show a problem stay where they are.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { bundleOf, load, scratchDirectory, storageTests, wholeNumber } from './campaign-programs.mjs';

const imagesPerRun = 250;

const { values } = parseArgs({ options: { images: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } } });
const images = wholeNumber('--images', values.images);
const seed = wholeNumber('--seed', values.seed);

stopWithParent();
if (images === null || seed === null) process.exitCode = 2;
else process.exitCode = (await campaign()) ? 0 : 1;

async function campaign() {
  const { buildShim, shimUnavailable } = await load('faults/disk-shim.ts');
  const unavailable = shimUnavailable();
  if (unavailable !== null) {
    process.stderr.write(`power-cuts: ${unavailable}.\n`);
    return false;
  }
  const { powerCuts } = await load('faults/power-cuts.ts');
  const program = await bundleOf('faults/program.ts');
  const scratch = scratchDirectory('power-cuts');
  const library = buildShim(join(storageTests, 'faults/disk-shim.c'), scratch);
  const total = { images: 0, problems: 0 };
  for (let run = 0; total.images < images; run++) {
    const fault = faultOf(run);
    // Every fourth run keeps snapshots.
    const kind = run % 4 === 3 ? { workload: 'save-snapshots', steps: 12 } : { workload: 'run' };
    const part = Math.min(imagesPerRun, images - total.images);
    const options = { program, library, scratch, seed: seed * 1000 + run, images: part, jobs: 2, ...kind };
    const { problems, ...cuts } = await powerCuts(fault ? { ...options, fault } : options);
    total.images += cuts.images;
    total.problems += problems.length;
    const failed = fault ? `, ${fault.call} ${fault.hits.at} of ${fault.file} failed with ${fault.kind}` : '';
    process.stdout.write(
      `seed ${options.seed}, ${kind.workload}: ${cuts.records} records, ${cuts.steps} steps acknowledged${failed}; ${cuts.images} images\n`,
    );
    for (const { image, at, acknowledged, problem } of problems) {
      process.stdout.write(`  image ${image}, before record ${at}, acknowledged ${JSON.stringify(acknowledged)}: ${problem}\n`);
    }
  }
  process.stdout.write(
    `${total.images} images, ${total.images - total.problems} opened with everything, ${total.problems} lost something\n`,
  );
  if (total.problems === 0) rmSync(scratch, { recursive: true });
  else process.stdout.write(`they are in ${scratch}\n`);
  return total.problems === 0;
}

/** Every third run has a disk that fails once: what a failed sync has left may be there, and may not. */
function faultOf(run) {
  if (run % 3 !== 2 || run % 4 === 3) return null;
  const call = run % 2 === 0 ? 'sync' : 'write';
  return { kind: call === 'sync' ? 'EIO' : 'short', call, file: run % 4 === 0 ? 'state.mdb' : 'log.mdb', hits: { at: 10 + run, count: 1 } };
}
