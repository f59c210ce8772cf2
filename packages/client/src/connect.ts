import { type AnyMachineDefinition, encodeValue } from '@flotilla/state-machine';
import { Caller } from './caller.ts';
import type { Client, ClientEvent, QueryCallOptions, ServiceStatus } from './client.ts';
import { ClientLife } from './client-life.ts';
import { Endpoints } from './endpoints.ts';
import { type FollowOptions, followEvents } from './event-follower.ts';
import { MemberFinder } from './member-finder.ts';
import { membershipMethods } from './membership.ts';
import { type CallOptions, type ClientOptions, withDefaults } from './options.ts';

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

  const client: Record<string, unknown> = {
    $events({ from, signal }: FollowOptions = {}) {
      const ended = signal === undefined ? life.signal : AbortSignal.any([life.signal, signal]);
      return followEvents(members, finder, settings, ended, from) as AsyncGenerator<ClientEvent<Machine>>;
    },
    async $status(callOptions?: CallOptions): Promise<ServiceStatus> {
      const status = await caller.call({ kind: 'status' }, callOptions);
      return status as unknown as ServiceStatus;
    },
    $members: membership.members,
    $changeMembership: membership.changeMembership,
    $transferLeadership: membership.transferLeadership,
    $close: () => life.close(),
  };
  for (const name of Object.keys(definition.commands)) client[name] = commandMethod(caller, name);
  for (const name of Object.keys(definition.queries)) client[name] = queryMethod(caller, name, definition.queries[name]().schema !== null);
  return client as Client<Machine>;
}

function commandMethod(caller: Caller, name: string) {
  return async (input: unknown, options?: CallOptions): Promise<unknown> => {
    const { reply } = await caller.call({ kind: 'command', name, input: encodeValue(input) }, options);
    return reply;
  };
}

function queryMethod(caller: Caller, name: string, takesInput: boolean) {
  const ask = async (input: Uint8Array | null, options: QueryCallOptions = {}): Promise<unknown> => {
    const { consistency = 'linearizable', maxStalenessMs = null } = options;
    const { result } = await caller.call({ kind: 'query', name, input, consistency, maxStalenessMs }, options);
    return result;
  };
  return takesInput
    ? async (input: unknown, options?: QueryCallOptions) => ask(encodeValue(input), options)
    : async (options?: QueryCallOptions) => ask(null, options);
}
