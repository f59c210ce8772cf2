const lengthMax = 1000;

/** A text for people as the codec carries it: not much of it, and without halves of surrogate pairs. */
export function printable(text: string): string {
  const start = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return start.replace(/\p{Surrogate}/gu, '\u{fffd}');
}
