import type { Model } from '../model.ts';
import { append, appendText } from './append.ts';
import { counter } from './counter.ts';
import { kv } from './kv.ts';
import { lock } from './lock.ts';
import { register } from './register.ts';

/** The names of the models, as `flotilla check --model` takes them. */
export const modelNames = ['kv', 'register', 'append', 'append-text', 'lock', 'counter'] as const;

export type ModelName = (typeof modelNames)[number];

export const models: { readonly [Name in ModelName]: Model } = {
  kv,
  register,
  append,
  'append-text': appendText,
  lock,
  counter,
};
