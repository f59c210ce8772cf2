import { styleText } from 'node:util';
import { describeState, type Input } from '@flotilla/core';
import type { RecordingHeader } from '@flotilla/runtime';
import { describeValue } from './describe-value.ts';
import type { ReplayReport, ReplaySummary } from './replay-report.ts';
import type { Mismatch, ReplayedStep } from './replay-step.ts';
import { type Difference, differences } from './state-difference.ts';

type Style = Parameters<typeof styleText>[0];

/** A replay for people, as blocks of lines; one line shows at most `width` characters. */
export class TextReport implements ReplayReport {
  readonly #colour: boolean;
  readonly #effects: boolean;
  readonly #width: number;
  #startedAt: number | null = null;

  constructor({ colour, effects, width }: { readonly colour: boolean; readonly effects: boolean; readonly width: number }) {
    this.#colour = colour;
    this.#effects = effects;
    this.#width = width;
  }

  begin({ member, group, first, state }: RecordingHeader): string {
    return [
      this.#line('bold', '', `member ${member} of group ${group}, from step ${first} on`),
      this.#line('dim', '  ', describeState(state)),
      this.#line('dim', '  ', `${describeValue(state.membership)}; log ${describeValue(state.log)}`),
    ].join('\n');
  }

  step({ number, input, events, effects, before, after }: ReplayedStep): string {
    return [
      this.#input(number, input),
      ...events.map((event) => this.#line('green', '    + ', describeValue(event))),
      ...(this.#effects ? effects.map((effect) => this.#line('yellow', '    > ', describeValue(effect))) : []),
      ...differences(before, after).map((each) => this.#line('dim', '      ', describeDifference(each))),
    ].join('\n');
  }

  failedAgain(number: number, input: Input, error: string): string {
    return [this.#input(number, input), this.#line('red', '    ! ', `fails, as it did then: ${error}`)].join('\n');
  }

  end(summary: ReplaySummary): string {
    const { played, shown, range, confirmed, torn, state, mismatch } = summary;
    const steps = range === null ? 'no steps' : `${played} ${played === 1 ? 'step' : 'steps'} (#${range.first} to #${range.last})`;
    const lines = [`played ${steps}${shown === played ? '' : `, showed ${shown}`}`];
    if (mismatch === null) lines.push('every decision came out as it was recorded');
    if (mismatch === null && confirmed > 0) lines.push("the state at the end is the member's own");
    if (torn) lines.push('the recording ends in the middle of a line: the member was ended while it wrote');
    const said = lines.map((line) => this.#line(mismatch === null ? 'bold' : 'dim', '', line));
    return [...(mismatch === null ? [] : [this.#mismatch(mismatch)]), ...said, this.#line('dim', '  ', describeState(state))].join('\n');
  }

  #mismatch({ number, what, input, expected, got }: Mismatch): string {
    return [
      this.#line('red', '', `step ${number}: ${what} did not come out as recorded`),
      ...(input === null ? [] : [this.#line('dim', '  input     ', describeValue(input))]),
      ...this.#side('expected', expected),
      ...this.#side('got', got),
    ].join('\n');
  }

  #side(name: string, value: unknown): readonly string[] {
    const items = Array.isArray(value) ? value.map(describeValue) : value instanceof Map ? describePaths(value) : [describeValue(value)];
    const margin = ' '.repeat(12);
    return (items.length === 0 ? ['nothing'] : items).map((item, i) => this.#line('red', i === 0 ? `  ${name.padEnd(10)}` : margin, item));
  }

  #input(number: number, input: Input): string {
    this.#startedAt ??= input.now;
    const seconds = ((input.now - this.#startedAt) / 1000).toFixed(3);
    return this.#line('cyan', '', `#${number}  +${seconds} s  ${describeValue(input)}`);
  }

  /** What a recording holds goes to a terminal: without control characters, which could tell it to do things. */
  #line(style: Style, margin: string, text: string): string {
    const plain = `${margin}${text}`.replace(/\p{Cc}/gu, '?');
    const shown = plain.length > this.#width ? `${plain.slice(0, this.#width - 1)}…` : plain;
    return this.#colour ? styleText(style, shown) : shown;
  }
}

function describeDifference(each: Difference): string {
  switch (each.kind) {
    case 'changed':
      return `${each.path} ${describeValue(each.before)} → ${describeValue(each.after)}`;
    case 'added':
      return `${each.path} added: ${describeValue(each.after)}`;
    case 'removed':
      return `${each.path} removed: ${describeValue(each.before)}`;
  }
}

function describePaths(values: ReadonlyMap<unknown, unknown>): readonly string[] {
  return [...values].map(([path, value]) => `${String(path)} = ${describeValue(value)}`);
}
