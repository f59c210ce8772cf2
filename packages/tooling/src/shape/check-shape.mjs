import { fileRules } from './file-rules.mjs';
import { packageRules } from './package-rules.mjs';

/**
 * Holds the repository against the rules of its shape that no other tool knows.
 *
 * @param {import('./read-repository.mjs').Repository} repository
 * @returns {readonly string[]} one line per breach, with the path in front
 */
export function checkShape(repository) {
  return [
    ...repository.files.flatMap((file) => fileRules.flatMap((rule) => rule(file).map((breach) => `${file.path}: ${breach}`))),
    ...packageRules.flatMap((rule) => rule(repository)),
  ];
}
