import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CommandContext } from './context.ts';
import type { MachineEvent, Rejected } from './contract.ts';
import type {
  CommandDefinition,
  CommandOptions,
  Decision,
  EffectDefinition,
  EffectDefinitions,
  QueryDefinition,
  QueryOptions,
  TypedAccepted,
  TypedEvent,
  TypedRejected,
} from './definition.ts';
import type { CodeIn } from './machine-types.ts';

/** Something that happened. `data` is anything that the codec can write; it is copied, so it may share structure with the state. */
export function event<const Type extends string>(type: Type): TypedEvent<Type, undefined>;
export function event<const Type extends string, Data>(type: Type, data: Data): TypedEvent<Type, Data>;
export function event(type: string, data?: unknown): MachineEvent {
  return { type, data };
}

/** Takes the command, answers `reply` to whoever asked, and lets `events` happen. */
export function accept<Reply, const Events extends readonly MachineEvent[] = []>(
  reply: Reply,
  events?: Events,
): TypedAccepted<Reply, Events[number]> {
  return { kind: 'accepted', reply, events: events ?? [] };
}

/** Refuses the command; nothing changes. `code` is stable and meant for programs, `message` for people. */
export function reject<const Code extends string>(code: Code, message: string): TypedRejected<Code, undefined>;
export function reject<const Code extends string, Details>(code: Code, message: string, details: Details): TypedRejected<Code, Details>;
export function reject(code: string, message: string, details?: unknown): Rejected {
  return { kind: 'rejected', code, message, details };
}

/**
 * A command: a schema (any Standard Schema library) that its input must satisfy before it reaches the log, and a pure
 * handler that decides what happens. The handler must not change the state; that is for the event handlers.
 */
export function command<State, Input, Output, Result extends Decision, Effects = EffectDefinitions>(
  schema: StandardSchemaV1<Input, Output>,
  handler: (state: State, input: Output, ctx: CommandContext<Effects>) => Result,
  options?: CommandOptions<CodeIn<NoInfer<Result>>>,
): CommandDefinition<State, Input, Output, Result, Effects> {
  const parts = { schema, handler, options: options ?? {} };
  return () => parts;
}

/** A read of the state, with or without input. Its schema must validate synchronously. */
export function query<State, Result>(handler: (state: State) => Result, options?: QueryOptions): QueryDefinition<State, void, void, Result>;
export function query<State, Input, Output, Result>(
  schema: StandardSchemaV1<Input, Output>,
  handler: (state: State, input: Output) => Result,
  options?: QueryOptions,
): QueryDefinition<State, Input, Output, Result>;
export function query(first: unknown, second?: unknown, third?: unknown): () => unknown {
  // A schema may itself be callable, so what comes second decides, not the type of the first.
  const parts =
    typeof second === 'function'
      ? { schema: first, handler: second, options: third ?? {} }
      : { schema: null, handler: first, options: second ?? {} };
  return () => parts;
}

/** Something that commands ask for with `ctx.effect`, and its data. The schema must validate synchronously. */
export function effect<Input, Output>(
  schema: StandardSchemaV1<Input, Output>,
  { description }: { readonly description?: string } = {},
): EffectDefinition<Input, Output> {
  return { kind: 'effect', schema, description };
}
