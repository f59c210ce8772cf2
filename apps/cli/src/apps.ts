import type { App } from '@flotilla/gateway-http';
import { kvApp } from '@flotilla/kv';
import { usageError } from './usage-error.ts';

const apps: { readonly [name: string]: App } = { kv: kvApp };

/** The bundled app of that name, if there is one. */
export function findApp(name: string): App | null {
  return (Object.hasOwn(apps, name) && apps[name]) || null;
}

/** The bundled app of that name. Throws a usage error that lists those there are. */
export function bundledApp(name: string): App {
  const app = findApp(name);
  if (app) return app;
  throw usageError(`there is no app "${name}"`, `Bundled apps: ${Object.keys(apps).join(', ')}.`);
}
