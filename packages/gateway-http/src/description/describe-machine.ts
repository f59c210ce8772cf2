import type { AnyMachineDefinition, CommandDefinition, QueryDefinition } from '@flotilla/state-machine';

/** A JSON Schema of draft 2020-12. The empty one allows everything: it stands where a library has no schema to give. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Why a command may be rejected. */
export interface RejectionDescription {
  readonly description: string;
  /** The HTTP status that goes with it; null for the gateway's own choice. */
  readonly status: number | null;
}

export interface CommandDescription {
  readonly description: string | null;
  readonly input: JsonSchema;
  readonly reply: JsonSchema;
  /** By code. */
  readonly errors: Readonly<Record<string, RejectionDescription>>;
}

export interface QueryDescription {
  readonly description: string | null;
  /** Null where the query takes no input. */
  readonly input: JsonSchema | null;
  readonly answer: JsonSchema;
}

/** What there is to know of a machine from outside, as plain data. */
export interface MachineDescription {
  readonly name: string;
  readonly version: number;
  readonly commands: Readonly<Record<string, CommandDescription>>;
  readonly queries: Readonly<Record<string, QueryDescription>>;
  /** The types of its events. */
  readonly events: readonly string[];
  /** What it asks to be done outside of it. */
  readonly effects: readonly string[];
}

type AnyCommand = CommandDefinition<unknown, unknown, unknown, unknown>;
type AnyQuery = QueryDefinition<unknown, unknown, unknown, unknown>;
type AnySchema = ReturnType<AnyCommand>['schema'];

/** Describes a machine by what its definition says, and by the JSON Schemas that the library of its schemas gives. */
export function describeMachine({ name, version, commands, queries, events, effects }: AnyMachineDefinition): MachineDescription {
  return {
    name,
    version,
    commands: described<AnyCommand, CommandDescription>(commands, describeCommand),
    queries: described<AnyQuery, QueryDescription>(queries, describeQuery),
    events: Object.keys(events),
    effects: Object.keys(effects),
  };
}

function described<Part, Description>(parts: Readonly<Record<string, Part>>, describe: (part: Part) => Description) {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, describe(part)]));
}

function describeCommand(parts: AnyCommand): CommandDescription {
  const { schema, options } = parts();
  const { description = null, reply, errors = {} } = options;
  return { description, input: jsonSchemaOf(schema, 'input'), reply: jsonSchemaOf(reply, 'output'), errors: described(errors, rejection) };
}

function rejection(error: string | { readonly description: string; readonly status?: number }): RejectionDescription {
  return typeof error === 'string'
    ? { description: error, status: null }
    : { description: error.description, status: error.status ?? null };
}

function describeQuery(parts: AnyQuery): QueryDescription {
  const { schema, options } = parts();
  const { description = null, answer } = options;
  return { description, input: schema === null ? null : jsonSchemaOf(schema, 'input'), answer: jsonSchemaOf(answer, 'output') };
}

/** The Standard JSON Schema interface, where a library has it. Zod shows what has no schema as one that allows everything. */
interface JsonSchemaConverter {
  readonly vendor?: string;
  readonly jsonSchema?: Readonly<Record<'input' | 'output', (options: typeof conversion) => JsonSchema>>;
}

const conversion = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } } as const;

function jsonSchemaOf(schema: AnySchema | undefined, side: 'input' | 'output'): JsonSchema {
  try {
    const converter: JsonSchemaConverter = { ...schema?.['~standard'] };
    return converter.jsonSchema?.[side](conversion) ?? {};
  } catch {
    // A schema without a JSON Schema checks inputs all the same.
    return {};
  }
}
