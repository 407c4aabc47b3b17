const marker = Symbol.for('webssl.error');

/** What {@link WebsslError} is made of. */
export interface WebsslErrorOptions {
  /** Stable, upper case, `AREA_PROBLEM`: what programs test. */
  readonly code: string;
  /** What was wrong, where, and what to do about it. */
  readonly message: string;
  readonly cause?: unknown;
  /** Figures and names behind the message, for programs. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The base of every error that a webssl package throws on purpose. */
export class WebsslError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [marker] = true;

  constructor({ code, message, cause, details = {} }: WebsslErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WebsslError';
    this.code = code;
    this.details = details;
  }

  /** Whether this is a webssl error, also one made by another copy of this package; with `code`, only that one. */
  static isInstance(error: unknown, code?: string): error is WebsslError {
    return (
      typeof error === 'object' &&
      error !== null &&
      marker in error &&
      error[marker] === true &&
      (code === undefined || (error as WebsslError).code === code)
    );
  }
}
