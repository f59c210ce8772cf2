/** One block of the tutorial, in its order. */
export type TutorialStep =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  /** `expected` is what it prints; null where the tutorial does not say. `…` stands for anything. */
  | { readonly kind: 'run'; readonly script: string; readonly expected: string | null }
  /** Runs until the next one of its kind, or the end. */
  | { readonly kind: 'background'; readonly script: string };

/** Reads the blocks of a Markdown text: files, commands, and what these print. */
export function tutorialSteps(markdown: string): readonly TutorialStep[] {
  const steps: TutorialStep[] = [];
  for (const [, language, word, text = ''] of markdown.matchAll(/^```(\w+)(?: +(\S+))? *\n([\s\S]*?)^``` *$/gm)) {
    const last = steps.at(-1);
    if (language === 'sh' && word === 'background') steps.push({ kind: 'background', script: text });
    else if (language === 'sh') steps.push({ kind: 'run', script: text, expected: null });
    else if (language === 'text' && last?.kind === 'run') steps.splice(-1, 1, { ...last, expected: text });
    else if (word !== undefined) steps.push({ kind: 'file', name: word, text });
    else throw new Error(`a block of ${language} is neither a file nor a command`);
  }
  return steps;
}

/** Whether `printed` is what the tutorial shows. */
export function isAsShown(printed: string, expected: string): boolean {
  const pattern = expected
    .trim()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*?');
  return new RegExp(`^${pattern}$`).test(printed.trim());
}
