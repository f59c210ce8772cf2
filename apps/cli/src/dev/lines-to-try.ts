import { kv } from '@flotilla/kv';
import type { AnyMachineDefinition } from '@flotilla/state-machine';

/** Where the members listen unless somebody says otherwise, as `flotilla call` has it. */
const usualEndpoints = '127.0.0.1:7001,127.0.0.1:8001,127.0.0.1:9001';

/** What to type first into another shell, for members that have these addresses for clients. */
export function linesToTry(machine: AnyMachineDefinition, endpoints: readonly string[]): readonly string[] {
  const [first = '', second = first, third = first] = endpoints;
  if (machine === kv) {
    return [
      `curl -X PUT  http://${first}/v1/kv/greeting -d 'ahoy'`,
      `curl         http://${second}/v1/kv/greeting`,
      `curl         'http://${third}/v1/kv?prefix=g'`,
      `curl -N      'http://${second}/v1/events?from=1'`,
    ];
  }
  const flags = endpoints.join(',') === usualEndpoints ? '' : ` --endpoints ${endpoints.join(',')}`;
  return [
    `npx flotilla call ${machine.name} --help${flags}`,
    `curl         http://${first}/v1/openapi.json`,
    `curl -N      'http://${second}/v1/events?from=1'`,
  ];
}
