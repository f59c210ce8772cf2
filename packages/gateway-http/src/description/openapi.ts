import type { JsonSchema, MachineDescription } from '@flotilla/state-machine';
import { componentSchema } from './component-schemas.ts';
import { machinePaths } from './machine-paths.ts';
import { errorResponse, errorSchema, type OpenApiObject, parameters } from './openapi-parts.ts';
import { servicePaths } from './service-paths.ts';

/** Describes everything that a gateway serves for a machine (OpenAPI 3.1.0). */
export function openApiDocument(machine: MachineDescription): OpenApiObject {
  const { name, version } = machine;
  const schemas: Record<string, unknown> = { Error: errorSchema };
  // Names in machines are letters, digits, dots, hyphens and underscores: what a component may be called.
  const component = (called: string, schema: JsonSchema | null): OpenApiObject => {
    const at = `#/components/schemas/${called}`;
    schemas[called] = componentSchema(schema, at);
    return { $ref: at };
  };
  const paths = { ...machinePaths(machine, component), ...servicePaths(machine) };
  return {
    openapi: '3.1.0',
    info: { title: name, version: String(version), description: `The replicated machine "${name}". Any member takes any call.` },
    servers: [{ url: '/' }],
    tags: [
      { name: 'commands', description: 'Change the state; answered once they are applied.' },
      { name: 'queries', description: 'Read the state.' },
      { name: 'events', description: 'Follow what happens.' },
      { name: 'sessions', description: 'Make commands exactly-once, however often they are sent.' },
      { name: 'service', description: 'The member that answers, and its group.' },
    ],
    paths,
    components: { schemas, parameters, responses: { error: errorResponse('Any other error; see its code.') } },
  };
}
