/** A schema that takes whatever it gets. */
export function anything<T>() {
  return { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as T }) } } as const;
}
