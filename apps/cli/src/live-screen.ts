/** Shows a block of text that changes: redrawn in place on a terminal, printed when it changes elsewhere. */
export interface Screen {
  /** Shows `block`; `summary` says whether it differs from the last one in a way worth a new line elsewhere. */
  update(block: string, summary: string): void;
  /** Prints a line that stays. */
  line(text: string): void;
}

const clearToEnd = '\x1b[0J';

export function terminalScreen(out: NodeJS.WriteStream): Screen {
  let shown = '';
  const erase = () => (shown === '' ? '' : `\x1b[${rows(shown, out.columns)}A\r${clearToEnd}`);
  return {
    update(block) {
      if (block === shown) return;
      out.write(`${erase()}${block}\n`);
      shown = block;
    },
    line(text) {
      out.write(`${erase()}${text}\n${shown === '' ? '' : `${shown}\n`}`);
    },
  };
}

export function plainScreen(out: NodeJS.WritableStream): Screen {
  let last = '';
  return {
    update(block, summary) {
      if (summary === last) return;
      last = summary;
      out.write(`${block}\n`);
    },
    line(text) {
      out.write(`${text}\n`);
    },
  };
}

/** How many lines of a terminal `columns` wide a block takes. */
function rows(block: string, columns: number): number {
  return block.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / (columns || 80))), 0);
}
