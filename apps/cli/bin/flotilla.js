#!/usr/bin/env node
// A file of its own, because the compiler's output is not executable and does not exist when npm links commands.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('flotilla: it is not built yet. Run npm run build first (npm start and npm test do it by themselves).\n');
  process.exitCode = 1;
}
