/** What a call came to, or `pending`. */
export function watched<T>(call: Promise<T>): () => unknown {
  let outcome: unknown = 'pending';
  call.then(
    (value) => {
      outcome = value;
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  return () => outcome;
}
