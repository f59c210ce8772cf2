import type { Subject } from '../run/subject.ts';
import { registers } from './registers.ts';
import { registersModel } from './registers-model.ts';
import { registersWorkload } from './registers-workload.ts';

/** What campaigns run: the machine, its calls and its model. */
export const registersSubject: Subject = {
  machine: registers,
  workload: registersWorkload,
  model: registersModel,
  serialOf: ({ input }) => (input as { readonly serial: number }).serial,
};
