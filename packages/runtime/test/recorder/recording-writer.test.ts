import { evolve } from '@flotilla/core';
import { defaultRecorderConfig, FlightRecorder, type Logger, type RecordingFiles, RecordingWriter, readRecording } from '@flotilla/runtime';
import { describe, expect, test } from 'vitest';
import { VirtualTime } from '../virtual-time.ts';
import { LoneMember } from './lone-member.ts';
import { MemoryFiles } from './memory-files.ts';

const current = 'flight-7.jsonl';
const previous = 'flight-7.previous.jsonl';

function setUp({
  files = new MemoryFiles(),
  noFiles = false,
  ...limits
}: Partial<typeof defaultRecorderConfig> & { files?: MemoryFiles; noFiles?: boolean }) {
  const config = { ...defaultRecorderConfig, continuous: true, flushIntervalMs: 200, ...limits };
  const time = new VirtualTime();
  const lines: string[] = [];
  const note = (_: object, message: string) => void lines.push(message);
  const logger: Logger = { info: note, warn: note, error: note };
  const recorder = new FlightRecorder({ member: 1 }, { id: 7 }, config);
  const bound: RecordingFiles | null = noFiles ? null : files;
  const writer = new RecordingWriter(recorder, { member: 1 }, { id: 7 }, bound, config, time, logger);
  const member = new LoneMember(recorder);
  writer.start();
  member.lead();
  return { files, time, lines, recorder, writer, member };
}

/** A segment as it is read, folded from its first state on. */
async function played(files: MemoryFiles, name: string) {
  async function* bytes() {
    yield Buffer.from(files.contents.get(name) ?? '');
  }
  const { header, lines } = await readRecording(bytes());
  let state = header.state;
  let steps = 0;
  let told: unknown = null;
  for await (const line of lines) {
    if (line.kind === 'step') {
      state = line.step.events.reduce(evolve, state);
      steps++;
    }
    if (line.kind === 'state') told = line.state;
  }
  return { first: header.first, next: header.first + steps, state, told };
}

describe('a recording on disk', () => {
  test('follows the member a moment later', async () => {
    const { files, time, recorder, member } = setUp({});
    expect(files.contents.size).toBe(0);
    await time.pass(200);
    member.propose(10);
    await time.pass(200);
    expect(await played(files, current)).toEqual({ first: 0, next: recorder.next, state: member.state, told: null });
  });

  test('is complete, with the last state, once it is stopped', async () => {
    const { files, writer, recorder, member } = setUp({});
    member.propose(10);
    await writer.stop();
    expect(await played(files, current)).toEqual({ first: 0, next: recorder.next, state: member.state, told: member.state });
  });

  test('keeps two segments of a limited size that continue each other', async () => {
    const { files, time, recorder, member } = setUp({ stepsMax: 160, segmentBytesMax: 20_000 });
    for (let i = 0; i < 300; i++) {
      member.propose(100);
      await time.pass(200);
    }
    expect([...files.contents.keys()].sort()).toEqual([current, previous]);
    for (const text of files.contents.values()) expect(text.length).toBeLessThan(40_000);
    const [older, newer] = [await played(files, previous), await played(files, current)];
    expect(older.next).toBe(newer.first);
    expect(newer).toMatchObject({ next: recorder.next, state: member.state });
  });

  test('keeps what the run before wrote as the segment before', async () => {
    const first = setUp({});
    await first.writer.stop();
    const before = first.files.contents.get(current);
    const second = setUp({ files: first.files });
    await second.writer.stop();
    expect(second.files.contents.get(previous)).toBe(before);
  });

  test('begins a new segment behind what a slow disk made it miss, and says so once', async () => {
    const { files, time, lines, recorder, writer, member } = setUp({ stepsMax: 32 });
    await time.pass(200);
    for (let round = 0; round < 2; round++) {
      let open = () => {};
      files.gate = new Promise((resolve) => {
        open = resolve;
      });
      member.propose(10);
      await time.pass(200);
      for (let i = 0; i < 100; i++) member.propose(10);
      open();
      await time.pass(400);
    }
    await writer.stop();
    const segment = await played(files, current);
    expect(segment.first).toBeGreaterThan(200);
    expect(segment).toMatchObject({ next: recorder.next, state: member.state });
    expect(lines).toEqual(['the disk is too slow to record every step of this member']);
  });

  test('ends where a file cannot be written, and says so once', async () => {
    const { files, time, lines, writer, member } = setUp({});
    files.failure = new Error('no space left on device');
    await time.pass(200);
    member.propose(10);
    await time.pass(1000);
    await writer.stop();
    expect(lines).toEqual(['what happens to this member is no longer recorded on disk']);
    expect(files.contents.size).toBe(0);
  });

  test('is not kept unless asked for', async () => {
    const { files, time, writer } = setUp({ continuous: false });
    await time.pass(1000);
    await writer.stop();
    expect(files.contents.size).toBe(0);
  });

  test('waits for nothing while nothing happens', async () => {
    const { time, writer } = setUp({});
    await time.pass(200);
    await expect(time.until('something is due', () => false, 10_000)).rejects.toThrow('did not come true');
    expect(time.now()).toBe(200);
    await writer.stop();
  });
});

describe('a dump', () => {
  test('holds everything that is remembered', async () => {
    const { files, writer, recorder, member } = setUp({});
    member.propose(10);
    expect(await writer.dump()).toBe('flight-7.dump.jsonl');
    expect(await played(files, 'flight-7.dump.jsonl')).toEqual({ first: 0, next: recorder.next, state: member.state, told: member.state });
  });

  test('waits for the one before', async () => {
    const { files, writer } = setUp({});
    let atOnce = 0;
    let most = 0;
    const { replace } = files;
    files.replace = async (name, text) => {
      most = Math.max(most, ++atOnce);
      await replace.call(files, name, text);
      atOnce--;
    };
    await Promise.all([writer.dump(), writer.dump(), writer.dump()]);
    expect(most).toBe(1);
  });

  test('needs somewhere to go', async () => {
    const { writer } = setUp({ noFiles: true });
    await expect(writer.dump()).rejects.toThrow(expect.objectContaining({ code: 'recording_files_missing' }));
    await writer.dumpFailure();
    await writer.stop();
  });

  test('of a member that failed is there once the writer has stopped', async () => {
    const { files, writer } = setUp({});
    void writer.dumpFailure();
    expect(files.contents.size).toBe(0);
    await writer.stop();
    expect([...files.contents.keys()].sort()).toEqual(['flight-7.failure-1.jsonl', current]);
  });

  test('of a member that fails again and again does not replace what led to the first failures', async () => {
    const { files, lines, writer } = setUp({});
    for (let i = 0; i < 5; i++) await writer.dumpFailure();
    expect([...files.contents.keys()].sort()).toEqual([1, 2, 3].map((n) => `flight-7.failure-${n}.jsonl`));
    expect(lines.at(-1)).toBe('did not write what led to the failure: move these away');
  });

  test('of a member that failed is named in the log, or why there is none', async () => {
    const { files, lines, writer } = setUp({});
    await writer.dumpFailure();
    files.failure = new Error('no space left on device');
    await writer.dumpFailure();
    expect(lines).toEqual(['wrote what led to the failure: look at it with flotilla replay', 'could not write what led to the failure']);
  });
});
