import type { Observer } from './observer.ts';

type Hook = keyof Observer;

type Arguments<H extends Hook> = Parameters<NonNullable<Observer[H]>>;

/** No hook has more parameters than these. */
type Listener = (a?: unknown, b?: unknown, c?: unknown) => void;

const hooks: { readonly [H in Hook]: null } = {
  onStarted: null,
  onEnded: null,
  onWiped: null,
  onHealed: null,
  onStep: null,
  onDurable: null,
  onSend: null,
  onApplied: null,
  onRestored: null,
  onRecovered: null,
  onSnapshot: null,
  onConverged: null,
};

/** Tells all observers of what happens. What one of them throws ends the run, and never reaches the code that is watched. */
export class Watch {
  readonly #fail: (error: unknown) => void;
  readonly #listeners: { readonly [H in Hook]: readonly Listener[] };

  constructor(observers: readonly Observer[], fail: (error: unknown) => void) {
    this.#fail = fail;
    const listeners = (hook: Hook) => observers.flatMap((observer) => (observer[hook] as Listener | undefined)?.bind(observer) ?? []);
    // Every hook has a list: the keys are those of the table.
    this.#listeners = Object.fromEntries((Object.keys(hooks) as Hook[]).map((hook) => [hook, listeners(hook)])) as never;
  }

  /** Called for every step and every message, so that it makes no list of what it passes on. */
  tell<H extends Hook>(hook: H, ...what: Arguments<H>): void;
  tell(hook: Hook, a?: unknown, b?: unknown, c?: unknown): void {
    try {
      for (const listener of this.#listeners[hook]) listener(a, b, c);
    } catch (error) {
      this.#fail(error);
    }
  }
}
