import type { Observer } from './observer.ts';

type Hook = keyof Observer;
type Arguments<H extends Hook> = Parameters<NonNullable<Observer[H]>>;

/** Tells all observers of what happens. What one of them throws ends the run, and never reaches the code that is watched. */
export class Watch {
  readonly #fail: (error: unknown) => void;
  readonly #listeners: { readonly [H in Hook]: readonly ((...what: Arguments<H>) => void)[] };

  constructor(observers: readonly Observer[], fail: (error: unknown) => void) {
    this.#fail = fail;
    const listeners = <H extends Hook>(hook: H) =>
      observers
        .filter((observer) => observer[hook] !== undefined)
        .map((observer) => (observer[hook] as (...what: Arguments<H>) => void).bind(observer));
    this.#listeners = {
      onStarted: listeners('onStarted'),
      onEnded: listeners('onEnded'),
      onWiped: listeners('onWiped'),
      onStep: listeners('onStep'),
      onDurable: listeners('onDurable'),
      onSend: listeners('onSend'),
      onApplied: listeners('onApplied'),
      onRestored: listeners('onRestored'),
      onSnapshot: listeners('onSnapshot'),
      onConverged: listeners('onConverged'),
    };
  }

  tell<H extends Hook>(hook: H, ...what: Arguments<H>): void {
    try {
      for (const listener of this.#listeners[hook]) listener(...what);
    } catch (error) {
      this.#fail(error);
    }
  }
}
