import type { Envelope } from '../cluster/network.ts';

/**
 * Picks messages by words: `1->2`, `1->*`, a message kind, a number (that many of them), `last` (the newest first).
 * No words pick everything.
 */
export function selectMessages(inFlight: readonly Envelope[], words: readonly string[]): Envelope[] {
  let chosen = [...inFlight];
  let count = Number.POSITIVE_INFINITY;
  for (const word of words) {
    if (word.includes('->')) chosen = chosen.filter((envelope) => isOnLink(envelope, word));
    else if (word === 'last') chosen.reverse();
    else if (/^\d+$/.test(word)) count = Number(word);
    else chosen = chosen.filter(({ message }) => message.kind === word);
  }
  return chosen.slice(0, count);
}

function isOnLink({ from, to }: Envelope, link: string): boolean {
  const [sender, receiver] = link.split('->');
  return (sender === '*' || Number(sender) === from) && (receiver === '*' || Number(receiver) === to);
}
