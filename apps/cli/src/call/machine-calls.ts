import { FlotillaError } from '@flotilla/core';
import { usageError } from '../usage-error.ts';
import { type JsonSchema, schemaOf } from './json-schema.ts';

/** A command or a query as a member describes it. */
export interface MachineCall {
  readonly kind: 'command' | 'query';
  readonly name: string;
  /** What the group calls it: with the name of the part in front, where its machine is part of a composed one. */
  readonly path: string;
  /** Null where it takes none. */
  readonly input: JsonSchema | null;
  /** The codes with which a command may be refused. */
  readonly errors: readonly string[];
}

/** What can be called of the machine that a cluster serves. */
export interface CallableMachine {
  readonly name: string;
  readonly version: number;
  readonly calls: readonly MachineCall[];
}

/** Asks one member after the other for what it serves: the machine of that name, or the part of it. Throws `unreachable`, and `machine_mismatch` where that is another machine. */
export async function fetchMachine(name: string, endpoints: readonly string[], timeoutMs: number): Promise<CallableMachine> {
  const description = await firstDescription(endpoints, timeoutMs);
  const machine = callableMachine(description);
  if (machine.name === name) return machine;
  const part = machine.calls.filter(({ path }) => path.startsWith(`${name}.`));
  if (part.length > 0) return { ...machine, name, calls: part.map((call) => ({ ...call, name: call.path.slice(name.length + 1) })) };
  throw new FlotillaError('machine_mismatch', `the members serve ${machine.name}, not ${name}`, 'Name that one, or other --endpoints.');
}

async function firstDescription(endpoints: readonly string[], timeoutMs: number): Promise<unknown> {
  let reason = 'no endpoint is given';
  for (const endpoint of endpoints) {
    try {
      const response = await fetch(`http://${endpoint}/v1/machine`, { signal: AbortSignal.timeout(timeoutMs) });
      if (response.ok) return await response.json();
      reason = `${endpoint} answers ${response.status}`;
    } catch (error) {
      reason = `${endpoint} cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  throw new FlotillaError('unreachable', `no member says what it serves (${reason})`, 'Check --endpoints, and that a member runs there.');
}

/** Members of another release may say more, or less. */
function callableMachine(description: unknown): CallableMachine {
  const { name, version, commands, queries } = schemaOf(description);
  if (typeof name !== 'string' || typeof version !== 'number') {
    throw new FlotillaError('unexpected_answer', 'what the member says is no description of a machine', 'Check --endpoints.');
  }
  return { name, version, calls: [...callsIn(commands, 'command'), ...callsIn(queries, 'query')] };
}

function callsIn(described: unknown, kind: MachineCall['kind']): readonly MachineCall[] {
  return listOf(described).map((value) => {
    const { name, takesInput, input, errors } = schemaOf(value);
    const codes = listOf(errors).map((error) => String(schemaOf(error).code));
    return {
      kind,
      name: String(name),
      path: String(name),
      input: kind === 'query' && takesInput !== true ? null : schemaOf(input),
      errors: codes,
    };
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The call of that name. Throws a usage error that lists those there are. */
export function findCall({ name: machine, calls }: CallableMachine, name: string): MachineCall {
  const found = calls.find((call) => call.name === name);
  if (found !== undefined) return found;
  throw usageError(`${machine} has no command or query "${name}"`, `It has ${calls.map((call) => call.name).join(', ')}.`);
}
