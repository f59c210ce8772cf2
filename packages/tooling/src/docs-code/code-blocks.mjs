/** @typedef {{ readonly line: number, readonly code: string }} CodeBlock a block and the line of its opening fence, from 1 */

/** @typedef {CodeBlock & { readonly file: string }} FileBlock a block that shows a whole file, by its path */

/**
 * Finds the TypeScript blocks of a Markdown text. A block marked `ts fragment` is not whole and is left out.
 *
 * @param {string} markdown
 * @returns {readonly CodeBlock[]}
 */
export function codeBlocks(markdown) {
  const blocks = [];
  const fences = /^(?<indent> *)(?<fence>`{3,})(?:ts|typescript) *\n(?<code>[\s\S]*?)^\k<indent>\k<fence> *$/gm;
  for (const match of markdown.matchAll(fences)) {
    blocks.push({ line: markdown.slice(0, match.index).split('\n').length, code: match.groups?.code ?? '' });
  }
  return blocks;
}

/**
 * Finds the blocks that show a whole file: the word behind the language is its path, as in `ts docs/examples/counter.ts`.
 *
 * @param {string} markdown
 * @returns {readonly FileBlock[]}
 */
export function fileBlocks(markdown) {
  const fences = /^```(?:ts|json) +(?<file>\S+\.\S+) *\n(?<code>[\s\S]*?)^``` *$/gm;
  return [...markdown.matchAll(fences)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    file: match.groups?.file ?? '',
    code: match.groups?.code ?? '',
  }));
}
