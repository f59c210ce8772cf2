import { formatTable } from '../output.ts';

/** What a machine answered, for people: rows for lists of objects, lines for an object, a plain value as it is. */
export function resultText(value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && value.every(isObject)) {
    const names = [...new Set(value.flatMap((row) => Object.keys(row)))];
    return formatTable(
      names.map((name) => printable(name).toUpperCase()),
      value.map((row) => names.map((name) => cell(row[name]))),
    );
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    return formatTable(
      ['FIELD', 'VALUE'],
      Object.entries(value).map(([name, each]) => [printable(name), cell(each)]),
    );
  }
  return cell(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? printable(value) : JSON.stringify(value);
}

/** Control characters escaped: what is stored must not steer the terminal. */
function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
}
