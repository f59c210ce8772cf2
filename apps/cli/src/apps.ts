import type { App } from '@flotilla/gateway-http';
import { kvApp } from '@flotilla/kv';
import { findMachine } from './machine-module/find-machine.ts';
import { importModule, isModulePath, type ModuleExports } from './machine-module/import-module.ts';
import { usageError } from './usage-error.ts';

const bundled: { readonly [name: string]: App } = { kv: kvApp };

/**
 * The app to serve: a bundled one by its name, or the machine of a module by its path. Throws a usage error that lists what is bundled, and
 * the errors of `importModule` and `findMachine`.
 */
export async function findApp(name: string): Promise<App> {
  if (Object.hasOwn(bundled, name) && bundled[name]) return bundled[name];
  if (isModulePath(name)) return appOf(await importModule(name), name);
  throw usageError(
    `there is no app "${name}"`,
    `Bundled apps: ${Object.keys(bundled).join(', ')}. One of your own is the path of a module, such as ./${name}.ts.`,
  );
}

/** What a module exports besides its machine: `routes`, as an app has them. */
function appOf(exports: ModuleExports, path: string): App {
  const machine = findMachine(exports, path);
  const { routes } = exports;
  if (routes !== undefined && typeof routes !== 'function') {
    throw usageError(`"routes" of ${path} is no function`, 'Export a function that adds routes to the gateway, or give it another name.');
  }
  return { name: machine.name, machine, ...(routes && { routes: routes as NonNullable<App['routes']> }) };
}
