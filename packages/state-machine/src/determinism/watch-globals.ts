import { dateHint, fileHint, forbidden, forbiddenFiles } from './forbidden.ts';
import { check } from './guard.ts';

type Owner = Record<string, unknown>;
type Callable = (...given: readonly unknown[]) => unknown;

// biome-ignore lint/style/noRestrictedGlobals: what machines must not use is watched here
const platform = globalThis as unknown as Owner;

let installed = 0;
let restore: () => void = () => {};

/**
 * Watches, until the returned function is called, what machines must not do: ask a clock, draw a random number, start a timer, do I/O.
 * Only what happens within `guarded` counts; for everybody else nothing changes. May be installed several times.
 */
export function installAmbientGuard(): () => void {
  if (installed++ === 0) restore = watchGlobals();
  let active = true;
  return () => {
    if (!active) return;
    active = false;
    if (--installed === 0) restore();
  };
}

function watchGlobals(): () => void {
  const undo: (() => void)[] = [];
  for (const [path, names, hint] of forbidden) {
    const owner = path.reduce<unknown>((at, name) => (at as Owner | undefined)?.[name], platform) as Owner | undefined;
    for (const name of names) undo.push(watch(owner, name, [...path, name].join('.'), hint));
  }
  undo.push(watchDate(), watchFiles());
  return () => {
    for (const each of undo.reverse()) each();
  };
}

/** A date of a given time is as good as its number; one of no time is the clock. */
function watchDate(): () => void {
  const real = platform.Date;
  platform.Date = new Proxy(real as Callable, {
    construct(target, given, newTarget) {
      if (given.length === 0) check('new Date', dateHint);
      return Reflect.construct(target, given, newTarget) as object;
    },
    apply(target, self, given) {
      check('Date', dateHint);
      return Reflect.apply(target, self, given);
    },
  });
  return () => {
    platform.Date = real;
  };
}

/** On Node only. Modules that import a function by its name see the change once the platform is told of it. */
function watchFiles(): () => void {
  const process = platform.process as { getBuiltinModule?: (name: string) => Owner } | undefined;
  const files = process?.getBuiltinModule?.('fs');
  const modules = process?.getBuiltinModule?.('module') as { syncBuiltinESMExports?: () => void } | undefined;
  const undo = forbiddenFiles.map((name) => watch(files, name, `fs.${name}`, fileHint));
  modules?.syncBuiltinESMExports?.();
  return () => {
    for (const each of undo) each();
    modules?.syncBuiltinESMExports?.();
  };
}

/** Replaces one function by one that looks first who calls; returns how to undo that. Does nothing where there is none. */
function watch(owner: Owner | undefined, name: string, what: string, hint: string): () => void {
  if (owner === undefined || !(name in owner)) return () => {};
  const before = Object.getOwnPropertyDescriptor(owner, name);
  // Some are made only when somebody asks for them, and that takes its time.
  const lazy = before?.get;
  const read = (): unknown => watched((lazy === undefined ? owner[name] : lazy.call(owner)) as Callable, what, hint);
  const set = (value: unknown): void => void Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  if (lazy === undefined) set(read());
  else Object.defineProperty(owner, name, { get: read, set, configurable: true });
  return () => {
    if (before) Object.defineProperty(owner, name, before);
    else delete owner[name];
  };
}

function watched(real: Callable, what: string, hint: string): Callable {
  return new Proxy(real, {
    apply(target, self, given) {
      check(what, hint);
      return Reflect.apply(target, self, given);
    },
    construct(target, given, newTarget) {
      check(`new ${what}`, hint);
      return Reflect.construct(target, given, newTarget) as object;
    },
  });
}
