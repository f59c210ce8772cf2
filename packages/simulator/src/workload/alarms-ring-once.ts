import type { Index } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'alarms-ring-once';

/**
 * An alarm that is set rings once, at its time or later, unless it was set again or cancelled before; and what an effect is followed by
 * is applied once. Read from the events, whoever leads when they are due.
 */
export function alarmsRingOnce(): Invariant {
  const due = new Map<string, number>();
  let rung = 0;
  let told = 0;
  let last: Index = 0;

  function rang(alarm: string, at: number, now: number): void {
    if (due.get(alarm) !== at) throw new Violation(name, `"${alarm}" rings for ${at}, and was set for ${due.get(alarm) ?? 'no time'}`);
    if (now < at) throw new Violation(name, `"${alarm}" rings at ${now}, and is due at ${at}`);
    due.delete(alarm);
    rung++;
  }

  return {
    name,
    source: 'what a timer is',
    onApplied(_member, { requests, results }) {
      for (const [i, { index, time }] of requests.entries()) {
        if (index <= last) continue;
        last = index;
        for (const { type, data } of results[i]?.events ?? []) {
          const { name: alarm, at } = data as { readonly name: string; readonly at: number };
          if (type === 'set') due.set(alarm, at);
          else if (type === 'cancelled') due.delete(alarm);
          else if (type === 'rang') rang(alarm, at, time);
          else if (++told > rung) throw new Violation(name, `${told} effects are followed by something, and ${rung} alarms rang`);
        }
      }
    },
  };
}
