import { type AnyMachineDefinition, encodeValue } from '@flotilla/state-machine';
import { Caller } from './caller.ts';
import type { Client, ClientEvent, QueryCallOptions, ServiceStatus } from './client.ts';
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
  const closed = new AbortController();
  const finder = new MemberFinder(members, settings, closed.signal);
  const caller = new Caller(members, finder, settings, closed.signal);
  const membership = membershipMethods(caller, settings);

  const client: Record<string, unknown> = {
    $events({ from, signal }: FollowOptions = {}) {
      const ended = signal === undefined ? closed.signal : AbortSignal.any([closed.signal, signal]);
      return followEvents(members, finder, settings, ended, from) as AsyncGenerator<ClientEvent<Machine>>;
    },
    async $status(callOptions?: CallOptions): Promise<ServiceStatus> {
      const status = await caller.call({ method: 'GET', path: '/v1/status', repeatable: true }, callOptions);
      return status as unknown as ServiceStatus;
    },
    $members: membership.members,
    $changeMembership: membership.changeMembership,
    $transferLeadership: membership.transferLeadership,
    $close: () => closed.abort(),
  };
  for (const name of Object.keys(definition.commands)) client[name] = commandMethod(caller, name);
  for (const name of Object.keys(definition.queries)) client[name] = queryMethod(caller, name, definition.queries[name]().schema !== null);
  return client as Client<Machine>;
}

function commandMethod(caller: Caller, name: string) {
  return async (input: unknown, options?: CallOptions): Promise<unknown> => {
    const body = encodeValue(input);
    const { reply } = await caller.call({ method: 'POST', path: `/v1/commands/${name}`, body, repeatable: false }, options);
    return reply;
  };
}

function queryMethod(caller: Caller, name: string, takesInput: boolean) {
  const ask = async (body: Uint8Array | undefined, options: QueryCallOptions = {}): Promise<unknown> => {
    const { consistency = 'linearizable', maxStalenessMs } = options;
    const bound = maxStalenessMs === undefined ? '' : `&maxStalenessMs=${maxStalenessMs}`;
    const path = `/v1/queries/${name}?consistency=${consistency}${bound}`;
    const { result } = await caller.call({ method: 'POST', path, repeatable: true, ...(body === undefined ? {} : { body }) }, options);
    return result;
  };
  return takesInput
    ? async (input: unknown, options?: QueryCallOptions) => ask(encodeValue(input), options)
    : async (options?: QueryCallOptions) => ask(undefined, options);
}
