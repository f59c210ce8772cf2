import { evolve } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import { LoneMember } from '../../test/recorder/lone-member.ts';
import { FlightRecorder } from './flight-recorder.ts';
import { defaultRecorderConfig, type Recording } from './recording.ts';

function recorded({ stepsMax = 4096, bytesMax = defaultRecorderConfig.bytesMax } = {}) {
  const recorder = new FlightRecorder({ member: 1 }, { id: 7 }, { ...defaultRecorderConfig, stepsMax, bytesMax });
  const member = new LoneMember(recorder);
  member.lead();
  return { recorder, member };
}

function fold({ state, steps }: Recording) {
  return steps.flatMap(({ events }) => events).reduce(evolve, state);
}

describe('a flight recorder', () => {
  test('remembers everything while it has room', () => {
    const { recorder, member } = recorded();
    for (let i = 0; i < 10; i++) member.propose(10);
    const recording = recorder.snapshot();
    expect(recording).toMatchObject({ member: 1, group: 7, first: 0, failure: null });
    expect(recording.steps).toEqual(member.steps);
    expect(recording.end).toBe(member.state);
    expect(fold(recording)).toEqual(member.state);
  });

  test('forgets the oldest, never holds more steps than it may, and always begins with a state that fits', () => {
    const { recorder, member } = recorded({ stepsMax: 100 });
    for (let i = 0; i < 200; i++) {
      member.propose(10);
      const recording = recorder.snapshot();
      expect(recording.steps.length).toBeLessThanOrEqual(100);
      expect(recording.first + recording.steps.length).toBe(recorder.next);
      expect(fold(recording)).toEqual(member.state);
    }
    expect(recorder.snapshot().steps.length).toBeGreaterThan(85);
  });

  test('counts payloads', () => {
    const { recorder, member } = recorded({ bytesMax: 100_000 });
    for (let i = 0; i < 200; i++) member.propose(1000);
    const { steps } = recorder.snapshot();
    const payloads = steps.flatMap(({ input }) => (input.kind === 'proposed' ? input.payloads : []));
    expect(payloads.length).toBeLessThan(100);
    expect(payloads.length).toBeGreaterThan(40);
  });

  test('keeps its bound where a single step exceeds it', () => {
    const { recorder, member } = recorded({ bytesMax: 10_000 });
    member.propose(20_000);
    expect(recorder.snapshot().steps.length).toBeLessThan(2);
    expect(fold(recorder.snapshot())).toEqual(member.state);
  });

  test('gives portions that follow each other, and begin with a state at a chunk', () => {
    const { recorder, member } = recorded({ stepsMax: 64 });
    for (let i = 0; i < 20; i++) member.propose(1);
    expect(recorder.portion(0, 3)).toMatchObject({ first: 0, state: { term: 0 }, steps: { length: 3 } });
    expect(recorder.portion(3, 64)).toMatchObject({ first: 3, state: null, steps: { length: 1 } });
    expect(recorder.portion(4, 64)).toMatchObject({ first: 4, state: { term: 1 } });
    expect(recorder.portion(recorder.next, 64)).toBeNull();
  });

  test('gives the oldest portion where the one asked for is forgotten', () => {
    const { recorder, member } = recorded({ stepsMax: 32 });
    for (let i = 0; i < 50; i++) member.propose(1);
    const { first, state } = recorder.snapshot();
    expect(recorder.portion(5, 64)).toMatchObject({ first, state });
  });

  test('notes the input that the core did not get through', () => {
    const { recorder } = recorded();
    const input = { kind: 'deadline-reached', now: 5, wallTime: 5 } as const;
    recorder.recordFailure(input, new Error('a defect'));
    expect(recorder.snapshot().failure).toEqual({ input, error: 'a defect' });
  });
});
