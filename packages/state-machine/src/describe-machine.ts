import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { AnyMachineDefinition, CommandOptions } from './definition.ts';
import { partsOf } from './machine-parts.ts';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What can be known of a machine without running it: plain data, for documents and for programs that call it. */
export interface MachineDescription {
  readonly name: string;
  readonly version: number;
  readonly commands: readonly CommandDescription[];
  readonly queries: readonly QueryDescription[];
  /** The names of its events. */
  readonly events: readonly string[];
  /** The names of its effects. */
  readonly effects: readonly string[];
}

export interface CommandDescription {
  readonly name: string;
  readonly description: string | null;
  /** What a caller passes. Null where the schema's library does not say. */
  readonly input: JsonSchema | null;
  /** What the command replies. Null where nobody has said. */
  readonly reply: JsonSchema | null;
  /** The codes that it may be rejected with, as far as they are named. */
  readonly errors: readonly RejectionDescription[];
}

export interface RejectionDescription {
  readonly code: string;
  readonly description: string;
  /** The HTTP status that goes with it; null for the gateway's own. */
  readonly status: number | null;
}

export interface QueryDescription {
  readonly name: string;
  readonly description: string | null;
  readonly takesInput: boolean;
  /** What a caller passes. Null where there is no input, or the schema's library does not say. */
  readonly input: JsonSchema | null;
  /** What the query answers. Null where nobody has said. */
  readonly answer: JsonSchema | null;
}

/** Describes a machine; the order is that of its definition. */
export function describeMachine(machine: AnyMachineDefinition): MachineDescription {
  const { commands, queries, events, effects } = partsOf(machine);
  return {
    name: machine.name,
    version: machine.version,
    commands: Array.from(commands, ([name, { schema, options }]) => ({
      name,
      description: options.description ?? null,
      input: jsonSchemaOf(schema, 'input'),
      reply: jsonSchemaOf(options.reply, 'output'),
      errors: errorsOf(options),
    })),
    queries: Array.from(queries, ([name, { schema, options }]) => ({
      name,
      description: options.description ?? null,
      takesInput: schema !== null,
      input: jsonSchemaOf(schema, 'input'),
      answer: jsonSchemaOf(options.answer, 'output'),
    })),
    events: [...events.keys()],
    effects: [...effects.keys()],
  };
}

function errorsOf({ errors = {} }: CommandOptions): readonly RejectionDescription[] {
  return Object.entries(errors).map(([code, said]) =>
    typeof said === 'string'
      ? { code, description: said, status: null }
      : { code, description: said.description, status: said.status ?? null },
  );
}

/** By the Standard JSON Schema interface, which a schema may have beside the standard one. */
function jsonSchemaOf(schema: StandardSchemaV1 | null | undefined, direction: 'input' | 'output'): JsonSchema | null {
  const standard = schema?.['~standard'] as Partial<StandardJSONSchemaV1.Props> | undefined;
  const convert = standard?.jsonSchema?.[direction];
  // A part that JSON Schema has no words for, such as a date, throws unless it may be anything: that is how zod is told so.
  for (const libraryOptions of [undefined, { unrepresentable: 'any' }])
    try {
      return convert?.({ target: 'draft-2020-12', libraryOptions }) ?? null;
    } catch {}
  return null;
}
