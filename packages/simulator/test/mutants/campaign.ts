/** What a hunt for mutants consists of: for the tests, and for `npm run mutants`. */
export { catalogue } from './catalogue.ts';
export { hunt } from './hunt.ts';
export { Workshop } from './workshop.ts';
