import { FlotillaError } from '@flotilla/core';

/** `mutant_out_of_date`: the production code has changed, so that the mutant does not fit it any more. */
export class MutantError extends FlotillaError {
  constructor(message: string) {
    super('mutant_out_of_date', message, 'Bring `file` and `find` of its edits up to date with the production code.');
    this.name = 'MutantError';
  }
}
