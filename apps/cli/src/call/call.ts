import { connect, isCommandRejected } from '@flotilla/client';
import { FlotillaError } from '@flotilla/core';
import { jsonValue } from '@flotilla/gateway-http/json';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import { parseEndpoints } from '../endpoints.ts';
import { printJson } from '../json-output.ts';
import { print } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { wholeNumber } from '../whole-number.ts';
import { describeCall, describeMachine } from './describe-calls.ts';
import { anything } from './json-schema.ts';
import { type CallableMachine, fetchMachine, findCall, type MachineCall } from './machine-calls.ts';
import { readFields } from './read-fields.ts';
import { resultText } from './result-text.ts';

/** The command line, as it was written. */
export interface CallFlags {
  readonly endpoints: string;
  readonly output: string;
  readonly timeoutMs: string;
  readonly consistency?: 'linearizable' | 'lease' | 'stale';
  readonly json?: string;
  readonly help?: boolean;
}

/** Calls a command or a query of any machine, or tells what there is. Throws `command_rejected` where the machine refuses. */
export async function call(machineName: string, name: string | undefined, words: readonly string[], flags: CallFlags): Promise<void> {
  if (name?.startsWith('-'))
    throw usageError(`"${name}" names no command or query`, `Write flotilla call ${machineName} <name> ${name} ….`);
  const endpoints = parseEndpoints(flags.endpoints);
  const timeoutMs = wholeNumber('--timeout-ms', flags.timeoutMs, 1);
  const machine = await fetchMachine(machineName, endpoints, timeoutMs);
  if (name === undefined) return print(describeMachine(machine));
  const called = findCall(machine, name);
  if (flags.help) return print(describeCall(machine.name, called));
  if (called.kind === 'command' && flags.consistency !== undefined) {
    throw usageError(`--consistency is for queries, and ${name} is a command`, 'Leave it out.');
  }
  const input = inputOf(called, words, flags.json);
  const client = connect(definitionOf(machine), endpoints, { timeoutMs });
  try {
    if (called.kind === 'query') {
      const { consistency } = flags;
      const answer = await client.$query(called.path, input, consistency && { consistency });
      await (flags.output === 'json' ? printJson(answer) : print(resultText(jsonValue(answer.result))));
    } else {
      const executed = await client.$execute(called.path, input);
      const text = executed.reply === undefined || executed.reply === null ? `applied as entry ${executed.index}` : null;
      await (flags.output === 'json' ? printJson(executed) : print(text ?? resultText(jsonValue(executed.reply))));
    }
  } catch (error) {
    throw isCommandRejected(error) ? rejected(error.code, error.message, error.details) : error;
  } finally {
    client.$close();
  }
}

function inputOf({ name, input: schema }: MachineCall, words: readonly string[], json: string | undefined): unknown {
  if (schema !== null) return readFields(words, schema, json);
  if (words.length === 0 && json === undefined) return undefined;
  throw usageError(`${name} takes no input`, 'Leave the fields out.');
}

/** As much of a machine as the client needs to know: the members check what they are sent. */
function definitionOf({ name, version, calls }: CallableMachine): AnyMachineDefinition {
  const named = (kind: MachineCall['kind']) =>
    Object.fromEntries(
      calls.filter((call) => call.kind === kind).map((call) => [call.path, () => ({ schema: call.input === null ? null : anything })]),
    );
  return { name, version, commands: named('command'), queries: named('query') } as unknown as AnyMachineDefinition;
}

function rejected(code: string, message: string, details: unknown): FlotillaError {
  const more = details === undefined || details === null ? '' : ` ${JSON.stringify(details)}`;
  return new FlotillaError('command_rejected', `${code}: ${message}${more}`, 'The machine refused the command; nothing changed.');
}
