import { answeredAtOnce } from '../answered-at-once.ts';
import type { CommandContext } from '../context.ts';
import type { MachineEvent } from '../contract.ts';
import type { AnyMachineDefinition, CommandParts, EventHandler, QueryParts, Upcasters } from '../definition.ts';
import { type MachineParts, partsOf } from '../machine-parts.ts';
import { assertReplaces } from '../replaced-state.ts';

type States = Record<string, unknown>;

/** What a machine consists of, as part of a larger one: under the name of the part, and acting on its share of the state. */
export interface Part {
  readonly commands: Readonly<Record<string, () => CommandParts<States, unknown, unknown, unknown>>>;
  readonly events: Readonly<Record<string, EventHandler<States>>>;
  readonly queries: Readonly<Record<string, () => QueryParts<States, unknown, unknown, unknown>>>;
  readonly effects: AnyMachineDefinition['effects'];
}

export function partUnder(part: string, machine: AnyMachineDefinition): Part {
  const parts: MachineParts = partsOf(machine);
  const initialState = 'kind' in machine.state ? null : machine.state;
  return {
    commands: renamed(part, parts.commands, ({ handler, ...rest }) => () => ({
      ...rest,
      handler: (state: States, input: unknown, ctx: CommandContext) =>
        renamedDecision(part, handler(state[part], input, contextFor(part, ctx))),
    })),
    events: renamed(part, parts.events, (handler) => (state: States, data: unknown, ctx) => {
      const before = state[part];
      const next = answeredAtOnce(`an event of "${part}"`, handler(before, data, ctx));
      // Tables are changed in place: what a handler returns nevertheless is for the machine to refuse.
      if (next === undefined || initialState === null) return next as States | undefined;
      assertReplaces(`an event of "${part}"`, before, next, initialState);
      state[part] = next;
      return undefined;
    }),
    queries: renamed(part, parts.queries, ({ handler, ...rest }) => () => ({
      ...rest,
      handler: (state: States, input: unknown) => handler(state[part], input),
    })),
    effects: renamed(part, parts.effects, (effect) => effect),
  };
}

/** What a part says about the version before it, under the name of the part. */
export function upcastersUnder(part: string, { events = {}, commands = {} }: Upcasters): Required<Upcasters> {
  const under =
    <T extends { readonly type: string }>(upcast: (given: unknown) => T) =>
    (given: unknown): T =>
      withName(part, upcast(given));
  return {
    events: renamed(part, new Map(Object.entries(events)), under),
    commands: renamed(part, new Map(Object.entries(commands)), under),
  };
}

function renamed<From, To>(part: string, named: ReadonlyMap<string, From>, change: (each: From) => To): Readonly<Record<string, To>> {
  return Object.fromEntries(Array.from(named, ([name, each]) => [`${part}.${name}`, change(each)]));
}

function withName<T extends { readonly type: string }>(part: string, named: T): T {
  return { ...named, type: `${part}.${named.type}` };
}

/** Whatever is no decision is left for the machine to refuse. */
function renamedDecision(part: string, decision: unknown): unknown {
  const rename = (events: readonly MachineEvent[]): readonly MachineEvent[] => events.map((event) => withName(part, event));
  if (Array.isArray(decision)) return rename(decision);
  if (typeof decision !== 'object' || decision === null || !('events' in decision) || !Array.isArray(decision.events)) return decision;
  return { ...decision, events: rename(decision.events) };
}

/** The context as a command of a part sees it: the names of its timers, commands and effects are those of the part. */
function contextFor(part: string, ctx: CommandContext): CommandContext {
  const own = `${part}.`;
  const { timer } = ctx;
  return {
    ...ctx,
    timer: timer?.id.startsWith(own) ? { ...timer, id: timer.id.slice(own.length) } : timer,
    schedule: (id, timer) => ctx.schedule(own + id, { ...timer, command: own + timer.command }),
    cancel: (id) => ctx.cancel(own + id),
    effect: (type, data, { then } = {}) => ctx.effect(own + type, data, then === undefined ? {} : { then: own + then }),
  };
}
