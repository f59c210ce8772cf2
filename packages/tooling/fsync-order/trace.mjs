import { decodeFrame, FrameReader } from '@flotilla/transport';

/** The first frame on every connection between members begins with this, behind its length and group 0. */
const helloMark = 'FLOT';

/**
 * Reads the output of `strace -f -yy -xx` line by line. A call's place in the trace is its line: where it began, and
 * where it ended (a line of its own, when another thread's calls lie between).
 */
export function traceReader() {
  const unfinished = new Map();
  const streams = new Map();
  const acknowledgements = [];
  const syncs = [];
  const fileWrites = [];
  let lineNumber = 0;

  function read(line) {
    lineNumber++;
    const [, thread, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (thread === undefined) return;
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
    if (resumed) {
      const begun = unfinished.get(thread);
      unfinished.delete(thread);
      if (begun) finish(begun.text + resumed[2], begun.line);
    } else if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { text: rest.slice(0, -'<unfinished ...>'.length).trimEnd(), line: lineNumber });
    } else {
      finish(rest, lineNumber);
    }
  }

  function finish(text, begun) {
    const [, call, shown] = /^(\w+)\(\d+<(.*?)>(?=[,)])/.exec(text) ?? [];
    if (call === undefined || / = -1 /.test(text)) return;
    // `-xx` writes paths in hexadecimal, too.
    const target = shown.startsWith('\\x') ? unhex(shown).toString() : shown;
    const place = { begun, ended: lineNumber };
    if (target.endsWith('/log.mdb')) {
      if (call === 'fdatasync' || call === 'fsync') syncs.push(place);
      else fileWrites.push({ ...place, data: bytesOf(text).toString('latin1') });
    } else if (target.startsWith('TCP')) {
      send(target, bytesOf(text), place);
    }
  }

  function send(target, bytes, place) {
    if (!streams.has(target)) {
      const isPeer = bytes.subarray(0, 64).includes(helloMark);
      streams.set(target, isPeer ? new FrameReader(1 << 24) : null);
      if (!isPeer) return;
      // The greeting is no message: skip its frame.
      bytes = bytes.subarray(4 + bytes.readUInt32LE(0));
    }
    const frames = streams.get(target)?.read(bytes) ?? [];
    for (const frame of frames) {
      // Group 0 is the transport's own: signs of life.
      if (Buffer.from(frame).readUInt32LE(4) === 0) continue;
      const { message } = decodeFrame(frame);
      if (message.kind === 'append-accepted') acknowledgements.push({ ...place, matchIndex: message.matchIndex });
    }
  }

  return { read, result: () => ({ acknowledgements, syncs, fileWrites }) };
}

/** All string arguments of a call, one behind the other; `-xx` writes them in hexadecimal. */
function bytesOf(text) {
  const strings = text.match(/"((?:\\x[0-9a-f]{2})*)"/g) ?? [];
  return Buffer.concat(strings.map((string) => unhex(string.slice(1, -1))));
}

function unhex(text) {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
