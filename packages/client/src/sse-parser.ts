/** One message of a stream of server-sent events. */
export interface SseMessage {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Cuts a stream of server-sent events into messages (WHATWG HTML, section 9.2.6). Returns a function that takes the next piece
 * of text, cut anywhere, and gives the messages that it completes. Comments and incomplete messages give nothing.
 */
export function sseParser(): (text: string) => readonly SseMessage[] {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  return (text) => {
    const messages: SseMessage[] = [];
    // A carriage return at the very end may be half of a line break.
    const complete = rest + text;
    const held = complete.endsWith('\r') ? '\r' : '';
    const lines = complete.slice(0, complete.length - held.length).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + held;
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) messages.push({ id, event, data: data.join('\n') });
        event = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'id') id = value;
      else if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
    return messages;
  };
}
