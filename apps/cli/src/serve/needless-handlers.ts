import type { AnyMachineDefinition, EffectHandlers } from '@flotilla/state-machine';

/**
 * What to say of handlers for effects that neither the machine nor an earlier version of it asks for: the name of one is probably
 * misspelt, and the effects that are meant would wait for ever. Null where there are none.
 */
export function needlessHandlers(machine: AnyMachineDefinition, handlers: EffectHandlers): string | null {
  const known = new Set<string>();
  for (let each: AnyMachineDefinition | null = machine; each !== null; each = each.previous) {
    for (const type of Object.keys(each.effects)) known.add(type);
  }
  const needless = Object.keys(handlers).filter((type) => !known.has(type));
  if (needless.length === 0) return null;
  const effects = known.size === 0 ? 'it has none' : `it has ${[...known].join(', ')}`;
  return `"effects" has handlers for ${needless.join(', ')}, which are no effects of machine "${machine.name}": ${effects}`;
}
