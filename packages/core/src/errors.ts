/** What every such error carries. A program may have loaded this package more than once, and then the classes differ. */
const mark = Symbol.for('flotilla.error');

/**
 * The base of every error that Flotilla throws on purpose.
 *
 * `code` is stable and meant for programs; `message` says what happened; `hint` says what the reader can do about it.
 */
export class FlotillaError extends Error {
  readonly code: string;
  readonly hint: string;

  static {
    Object.defineProperty(FlotillaError.prototype, mark, { value: true });
  }

  constructor(code: string, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'FlotillaError';
    this.code = code;
    this.hint = hint;
  }
}

/** Whether `error` is a {@link FlotillaError}, whichever copy of this package made it, and if `code` is given, one with that code. */
export function isFlotillaError(error: unknown, code?: string): error is FlotillaError {
  return error instanceof Error && mark in error && (code === undefined || ('code' in error && error.code === code));
}

/**
 * Throws when something that this code itself guarantees does not hold: a defect, never a reaction to input. Give `message` as a
 * function where it is put together and the question is asked often.
 */
export function invariant(condition: boolean, message: string | (() => string)): asserts condition {
  if (condition) return;
  const text = typeof message === 'string' ? message : message();
  throw new FlotillaError('invariant_violated', text, 'This is a defect of Flotilla: please report it with the log of this member.');
}
