const twoTo32 = 0x1_0000_0000;

/** Mixes one 32-bit word; splitmix32, the finaliser that its author recommends for seeding other generators. */
function mix(word: number): number {
  let mixed = (word + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/**
 * A generator of 32-bit words that index, term and the command's ordinal in its entry seed (sfc32 of PractRand). Pure integer
 * arithmetic, so that every replica draws the same words whatever machine it runs on.
 */
export function seededWords(index: number, term: number, ordinal = 0): () => number {
  let a = mix(index >>> 0);
  let b = mix(a ^ Math.floor(index / twoTo32));
  let c = mix(b ^ (term >>> 0));
  // Added rather than mixed in: then no two commands of a log have the same seed.
  let counter = ((mix(c ^ Math.floor(term / twoTo32)) | 1) + 2 * ordinal) | 0;
  const next = (): number => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word;
    return word >>> 0;
  };
  // The first words still resemble the seed.
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** A number in [0, 1) with 53 random bits. */
export function nextFraction(words: () => number): number {
  return ((words() >>> 5) * 0x4000000 + (words() >>> 6)) / 0x20000000000000;
}

/** A version 4 UUID (RFC 9562 section 5.4). */
export function nextUuid(words: () => number): string {
  const hex = [words(), words(), words(), words()].map((word) => word.toString(16).padStart(8, '0')).join('');
  const variant = (0x8 | (Number.parseInt(hex.charAt(16), 16) & 0x3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
