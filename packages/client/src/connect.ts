import { type AnyMachineDefinition, encodeValue, type MachineErrorCode } from '@flotilla/state-machine';
import { Caller } from './caller.ts';
import type { Client, QueryCallOptions, ServiceStatus } from './client.ts';
import { isCommandRejected } from './client-error.ts';
import { ClientLife } from './client-life.ts';
import { CommandCaller } from './command-caller.ts';
import { Endpoints } from './endpoints.ts';
import { type FollowOptions, followEvents } from './event-follower.ts';
import { EventStream } from './event-stream.ts';
import { MemberFinder } from './member-finder.ts';
import { membershipMethods } from './membership.ts';
import { placeMethod } from './nested-methods.ts';
import { type CallOptions, type ClientOptions, withDefaults } from './options.ts';
import { SessionKeeper } from './session-keeper.ts';

/**
 * A client for the machine behind `endpoints` (`host:port` or URLs of any members of one group). Connects on first use, so
 * that it can be made while no member runs; awaiting it does no harm.
 *
 * Calls throw a `ClientError`, or a `CommandRejected` where the machine refused. A `MachineError` with code `invalid_input`
 * is for an input that cannot be sent at all.
 */
export function connect<Machine extends AnyMachineDefinition>(
  definition: Machine,
  endpoints: readonly string[],
  options: ClientOptions = {},
): Client<Machine> {
  const settings = withDefaults(options);
  const members = new Endpoints(endpoints);
  const life = new ClientLife();
  const finder = new MemberFinder(members, settings, life);
  const caller = new Caller(members, finder, settings, life);
  const membership = membershipMethods(caller, settings);
  const sessions = settings.session === false ? null : new SessionKeeper(caller, members, settings, life, settings.session.ttlMs);
  const commands = new CommandCaller(caller, sessions, settings);
  const execute = async (name: string, input: unknown, callOptions?: CallOptions) => commands.call(name, encodeValue(input), callOptions);
  const ask = async (
    name: string,
    input: unknown,
    { consistency = 'linearizable', maxStalenessMs, ...callOptions }: QueryCallOptions = {},
  ) => {
    const encoded = definition.queries[name]?.().schema === null ? null : encodeValue(input);
    return caller.call({ kind: 'query', name, input: encoded, consistency, maxStalenessMs: maxStalenessMs ?? null }, callOptions);
  };

  const client: Record<string, unknown> = {
    $events({ from, signal }: FollowOptions = {}) {
      const ended = signal === undefined ? life.signal : AbortSignal.any([life.signal, signal]);
      return new EventStream((until) => followEvents(members, finder, settings, until, from), ended);
    },
    async $try(name: string, input: unknown, callOptions?: CallOptions) {
      try {
        return { ok: true, ...(await execute(name, input, callOptions)) };
      } catch (error) {
        if (!isCommandRejected(error) || isFault(error.code)) throw error;
        const { code, details, message, index } = error;
        return { ok: false, code, details, message, index };
      }
    },
    async $status(callOptions?: CallOptions): Promise<ServiceStatus> {
      const status = await caller.call({ kind: 'status' }, callOptions);
      return status as unknown as ServiceStatus;
    },
    $execute: execute,
    $query: ask,
    $members: membership.members,
    $changeMembership: membership.changeMembership,
    $transferLeadership: membership.transferLeadership,
    $close() {
      life.close();
      void (sessions?.close() ?? Promise.resolve()).finally(settings.closeChannel);
    },
  };
  for (const name of Object.keys(definition.commands)) {
    placeMethod(client, name, async (input: unknown, callOptions?: CallOptions) => (await execute(name, input, callOptions)).reply);
  }
  for (const name of Object.keys(definition.queries)) {
    const takesInput = definition.queries[name]().schema !== null;
    const withInput = async (input: unknown, callOptions?: QueryCallOptions) => (await ask(name, input, callOptions)).result;
    placeMethod(client, name, takesInput ? withInput : (callOptions?: QueryCallOptions) => withInput(undefined, callOptions));
  }
  return client as Client<Machine>;
}

/** How any machine refuses what is no command of it, and what it cannot carry out: no command names that. */
const faults: Readonly<Record<MachineErrorCode, true>> = {
  unknown_command: true,
  unknown_query: true,
  invalid_input: true,
  malformed_payload: true,
  machine_defect: true,
  nondeterministic: true,
};

function isFault(code: string): boolean {
  return Object.hasOwn(faults, code);
}
