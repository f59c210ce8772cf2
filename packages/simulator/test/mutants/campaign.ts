export { catalogue } from './catalogue.ts';
export { hunt } from './hunt.ts';
export { Workshop } from './workshop.ts';
