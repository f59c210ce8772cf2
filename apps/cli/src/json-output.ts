import { jsonValue } from '@flotilla/gateway-http/json';
import { print } from './output.ts';

/** Prints a value on one line, bytes as the gateway shows them. */
export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(jsonValue(value)));
}
