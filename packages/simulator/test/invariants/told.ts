import type { Observer } from '../../src/watch/observer.ts';

/** One observer that tells many, each call to each of them in their order. */
export function tellAll(observers: readonly Observer[]): Required<Observer> {
  return {
    onStarted: (...what) => observers.forEach((observer) => void observer.onStarted?.(...what)),
    onEnded: (...what) => observers.forEach((observer) => void observer.onEnded?.(...what)),
    onWiped: (...what) => observers.forEach((observer) => void observer.onWiped?.(...what)),
    onHealed: (...what) => observers.forEach((observer) => void observer.onHealed?.(...what)),
    onStep: (...what) => observers.forEach((observer) => void observer.onStep?.(...what)),
    onDurable: (...what) => observers.forEach((observer) => void observer.onDurable?.(...what)),
    onSend: (...what) => observers.forEach((observer) => void observer.onSend?.(...what)),
    onApplied: (...what) => observers.forEach((observer) => void observer.onApplied?.(...what)),
    onRestored: (...what) => observers.forEach((observer) => void observer.onRestored?.(...what)),
    onRecovered: (...what) => observers.forEach((observer) => void observer.onRecovered?.(...what)),
    onSnapshot: (...what) => observers.forEach((observer) => void observer.onSnapshot?.(...what)),
    onConverged: (...what) => observers.forEach((observer) => void observer.onConverged?.(...what)),
  };
}
