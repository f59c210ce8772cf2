import type { Fault, FaultKind } from '../plan/fault.ts';
import { malformed } from './repro-error.ts';
import { list, number, type Reader, record, whole } from './value-readers.ts';

type Details<K extends FaultKind> = Omit<Fault & { readonly kind: K }, 'at' | 'kind'>;

const onHost = { slot: whole() };
const lasting = { forMs: number(0) };
const hostFor = { ...onHost, ...lasting };
const between = { from: whole(), to: whole(), ...lasting };
const probability = number(0, 1);

/** What each kind consists of, besides its time. */
const details: { readonly [K in FaultKind]: { readonly [Name in keyof Details<K>]-?: Reader<Details<K>[Name]> } } = {
  crash: hostFor,
  'power-cut': hostFor,
  'power-cut-all': lasting,
  pause: hostFor,
  'clock-jump': { ...onHost, byMs: number() },
  'clock-drift': { ...hostFor, rate: number(Number.MIN_VALUE) },
  partition: { sides: list(list(whole())), ...lasting },
  isolate: hostFor,
  'black-hole': hostFor,
  cut: between,
  'one-way-cut': between,
  freeze: between,
  'slow-link': { ...between, delayMs: number(0), bytesPerMs: number(0) },
  lossy: { loss: probability, duplicate: probability, reorder: probability, ...lasting },
  reset: onHost,
  'client-cut': { ...hostFor, client: whole() },
  'disk-slow': { ...hostFor, factor: number(0) },
  'disk-stall': hostFor,
  'disk-full': hostFor,
  'write-error': onHost,
  'sync-error': onHost,
  'bit-rot': onHost,
  'misdirected-write': onHost,
  'torn-write': onHost,
  'roll-back': onHost,
  wipe: onHost,
  snapshot: onHost,
  transfer: onHost,
  replace: onHost,
  upgrade: { ...onHost, build: whole() },
};

/** Every kind of fault that there is. */
export const faultKinds = Object.keys(details) as readonly FaultKind[];

export const readFault: Reader<Fault> = (value, path) => {
  const kind = readKind(value, path);
  const read: Reader<Fault> = record({ at: number(0), kind: () => kind, ...details[kind] } as never);
  return read(value, path);
};

/** Faults in the order of their times. */
export const readFaults: Reader<readonly Fault[]> = (value, path) => {
  const faults = list(readFault)(value, path);
  const early = faults.findIndex(({ at }, number) => at < (faults[number - 1]?.at ?? 0));
  if (early !== -1) throw malformed(`${path}[${early}].at`, faults[early]?.at, 'at least as late as the fault before it');
  return faults;
};

function readKind(value: unknown, path: string): FaultKind {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(path, value, 'an object');
  const kind: unknown = 'kind' in value ? value.kind : undefined;
  const known = faultKinds.find((each) => each === kind);
  if (known === undefined) throw malformed(`${path}.kind`, kind, `one of ${faultKinds.join(', ')}`);
  return known;
}
