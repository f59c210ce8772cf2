import type { App, RoutePlugin } from '@flotilla/gateway-http';
import { kvApp } from '@flotilla/kv';
import type { EffectHandlers } from '@flotilla/state-machine';
import { findMachine } from './machine-module/find-machine.ts';
import { importModule, isModulePath, type ModuleExports } from './machine-module/import-module.ts';
import { usageError } from './usage-error.ts';

/** An app with what carries out the effects of its machine. */
export interface ServedApp extends App {
  readonly effects?: EffectHandlers;
}

const bundled: { readonly [name: string]: ServedApp } = { kv: kvApp };

/**
 * The app to serve: a bundled one by its name, or the machine of a module by its path. Throws a usage error that lists what is bundled, and
 * the errors of `importModule` and `findMachine`.
 */
export async function findApp(name: string): Promise<ServedApp> {
  if (Object.hasOwn(bundled, name) && bundled[name]) return bundled[name];
  if (isModulePath(name)) return appOf(await importModule(name), name);
  throw usageError(
    `there is no app "${name}"`,
    `Bundled apps: ${Object.keys(bundled).join(', ')}. One of your own is the path of a module, such as ./${name}.ts.`,
  );
}

/** What a module exports besides its machine: `routes` as an app has them, and handlers of `effects`. */
function appOf(exports: ModuleExports, path: string): ServedApp {
  const machine = findMachine(exports, path);
  const { routes, effects } = exports;
  if (routes !== undefined && typeof routes !== 'function') {
    throw usageError(`"routes" of ${path} is no function`, 'Export a function that adds routes to the gateway, or give it another name.');
  }
  if (effects !== undefined && !areHandlers(effects)) {
    throw usageError(`"effects" of ${path} are not all functions`, 'Export an object with a function for each type of effect.');
  }
  return { name: machine.name, machine, ...(routes && { routes: routes as RoutePlugin }), ...(effects && { effects }) };
}

function areHandlers(value: unknown): value is EffectHandlers {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'function');
}
