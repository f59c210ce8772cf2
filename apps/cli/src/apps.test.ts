import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFlotillaError } from '@flotilla/core';
import { isMachineError } from '@flotilla/state-machine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findApp } from './apps.ts';

let directory: string;

beforeAll(() => {
  // Inside of the package, so that the modules find the packages that they import.
  directory = mkdtempSync(join(import.meta.dirname, '../node_modules/.machine-modules-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const machineNamed = (name: string) =>
  `defineMachine({ name: '${name}', version: 1, state: () => ({ n: 0 }), commands: { add: command(z.object({ by: z.int() }), () => []) }, events: {}, queries: {} })`;

/** Without an import, because the test runner has Node import the packages' sources, which Node cannot read. */
const byHand = (name: string) => `{ name: '${name}', version: 1, commands: {}, events: {}, queries: {}, create() {} };`;

const imports = `import { command, defineMachine } from '@flotilla/state-machine';\nimport { z } from 'zod';\n`;

async function codeOf(path: string): Promise<string> {
  try {
    await findApp(path);
  } catch (error) {
    if (isFlotillaError(error)) return `${error.code}: ${error.message}. ${error.hint}`;
    throw error;
  }
  return 'no error';
}

test('the machine of a module is its default export or its only one, in TypeScript or JavaScript', async () => {
  write('part.ts', 'export const one: number = 1;');
  const typed = write(
    'typed.ts',
    `${imports}import { one } from './part.ts';\nenum E { A = one }\nexport const m = ${machineNamed('typed')};\nexport type X = E;`,
  );
  const plain = write('plain.mjs', `export const other = ${byHand('other')}\nexport default ${byHand('plain')}`);
  const again = write('again.ts', `${imports}const m = ${machineNamed('again')};\nexport { m as a, m as b };`);
  expect((await findApp(typed)).name).toBe('typed');
  expect((await findApp(plain)).name).toBe('plain');
  expect((await findApp(again)).name).toBe('again');
});

test('what cannot be served is told apart, with what to do', async () => {
  expect(await codeOf('nothing')).toMatch(/^usage: .*\.\/nothing\.ts/);
  expect(await codeOf('./nowhere.ts')).toMatch(/^module_not_found: .*nowhere\.ts/);
  expect(await codeOf(write('syntax.ts', '\nexport const x: = 1;'))).toMatch(/^module_failed: .*syntax\.ts/);
  expect(await codeOf(write('throws.ts', '\nthrow new Error("boom");'))).toMatch(/^module_failed: .*boom \(line 2\)/);
  expect(await codeOf(write('throws.mjs', '\nthrow new Error("boom");'))).toMatch(/^module_failed: .*boom \(line 2\)/);
  expect(await codeOf(write('needs.ts', "import 'not-installed-at-all';"))).toMatch(/^module_failed: .*npm install not-installed-at-all/);
  expect(await codeOf(write('none.ts', 'export const a = 1, b = {};'))).toMatch(/^no_machine: .*it exports a, b/);
  const two = `${imports}export const a = ${machineNamed('a')};\nexport const b = ${machineNamed('b')};`;
  expect(await codeOf(write('two.ts', two))).toMatch(/^several_machines: .*a, b/);
});

test('an error is told by its mark, whichever copy of a package made it', async () => {
  // Modules resolve the built packages, this test their sources: two copies of each.
  const { machine } = await findApp(write('copy.ts', `${imports}export const m = ${machineNamed('copy')};`));
  const error = await machine
    .create()
    .encode({ type: 'add', input: { by: 'much' } })
    .catch((reason: unknown) => reason);
  expect(isMachineError(error, 'invalid_input')).toBe(true);
  expect(isMachineError(error, 'unknown_command')).toBe(false);
  expect(isFlotillaError(new Error('another'))).toBe(false);
});
