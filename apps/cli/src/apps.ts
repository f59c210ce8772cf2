import { kvApp } from '@flotilla/kv';
import { usageError } from './usage-error.ts';

/** A service that this command can run. */
export type App = typeof kvApp;

const apps: { readonly [name: string]: App } = { kv: kvApp };

/** The bundled app of that name. Throws a usage error that lists those there are. */
export function bundledApp(name: string): App {
  const app = Object.hasOwn(apps, name) ? apps[name] : undefined;
  if (app) return app;
  throw usageError(`there is no app "${name}"`, `Bundled apps: ${Object.keys(apps).join(', ')}.`);
}
