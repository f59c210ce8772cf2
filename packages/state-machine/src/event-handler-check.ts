import type { DataOfEvent, EventsOfCommands } from './machine-types.ts';

type EventNames<Commands> =
  EventsOfCommands<Commands> extends infer Event ? (Event extends { readonly type: infer Type } ? Type : never) : never;

type NamesTakingOtherData<Commands, Handlers> = {
  [Name in keyof Handlers & EventNames<Commands>]: Handlers[Name] extends (state: never, data: infer Data, ctx: never) => unknown
    ? DataOfEvent<Commands, Name> extends Data
      ? never
      : Name
    : never;
}[keyof Handlers & EventNames<Commands>];

/**
 * Nothing to pass where the event handlers fit the commands. Otherwise one argument that nobody can have, so that the
 * compiler reports the call and names what is wrong.
 */
export type EventHandlerCheck<Commands, Handlers> =
  string extends EventNames<Commands>
    ? []
    : [Exclude<EventNames<Commands>, keyof Handlers>] extends [never]
      ? [NamesTakingOtherData<Commands, Handlers>] extends [never]
        ? []
        : [eventHandlerTakesOtherDataThanItsCommandsGive: NamesTakingOtherData<Commands, Handlers>]
      : [eventWithoutHandler: Exclude<EventNames<Commands>, keyof Handlers>];
