import { StringDecoder } from 'node:string_decoder';
import { recordingError } from './recording-error.ts';
import { damaged, parseHeader, parseLine, type RecordedLine } from './recording-line.ts';
import { type RecordingHeader, recordingLineMax } from './recording-text.ts';

/** A recording that is being read: its beginning, then what follows as far as it is asked for. */
export interface RecordingReader {
  readonly header: RecordingHeader;
  /** To be gone through once. */
  readonly lines: AsyncGenerator<RecordedLine | TornLine>;
}

/** The last line has no end: the member was ended while it wrote. What came before is whole. */
export interface TornLine {
  readonly kind: 'torn';
  /** Counts from 1. */
  readonly line: number;
}

/**
 * Reads a recording from its bytes, one line in memory at a time.
 *
 * Throws, here or from `lines`: `recording_foreign`, `recording_version`, `recording_damaged` also where a step is
 * missing, `recording_line_too_long`.
 */
export async function readRecording(chunks: AsyncIterable<Uint8Array>, lineMax = recordingLineMax): Promise<RecordingReader> {
  const lines = splitLines(chunks, lineMax);
  const first = await lines.next();
  const header = parseHeader(first.done ? '' : first.value.text);
  if (!first.done && !first.value.ended) throw damaged(1, 'it ends before its first line does');
  return { header, lines: readLines(header, lines) };
}

interface TextLine {
  readonly text: string;
  /** The end of the line is there. */
  readonly ended: boolean;
}

async function* readLines(header: RecordingHeader, lines: AsyncGenerator<TextLine>): AsyncGenerator<RecordedLine | TornLine> {
  let lineNumber = 1;
  let next = header.first;
  for await (const { text, ended } of lines) {
    lineNumber++;
    if (!ended) {
      yield { kind: 'torn', line: lineNumber };
      return;
    }
    const line = parseLine(lineNumber, text);
    if (line.kind !== 'state' && line.number !== next++) {
      throw damaged(lineNumber, `it holds step ${line.number} where step ${next - 1} should be`);
    }
    yield line;
  }
}

/** The text's lines without their ends. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>, lineMax: number): AsyncGenerator<TextLine> {
  const decoder = new StringDecoder('utf8');
  let number = 1;
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const parts = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)).split('\n');
    for (const [i, part] of parts.entries()) {
      pieces.push(part);
      length += part.length;
      if (length > lineMax) throw tooLong(number, lineMax);
      if (i === parts.length - 1) break;
      yield { text: pieces.join(''), ended: true };
      number++;
      pieces = [];
      length = 0;
    }
  }
  if (length > 0) yield { text: pieces.join(''), ended: false };
}

function tooLong(number: number, lineMax: number): Error {
  return recordingError(
    'recording_line_too_long',
    `line ${number}: it has more than ${lineMax} characters`,
    'No member writes such lines: give a file that a member wrote.',
  );
}
