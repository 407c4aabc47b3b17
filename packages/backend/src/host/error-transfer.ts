import type { BackendErrorCode } from '../backend-error-code.js';
import { WebsslError } from '../webssl-error.js';

/** An error in a form that crosses processes and threads. */
export interface PackedError {
  readonly message: string;
  /** Absent where the error was none of ours. */
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** The messages of the chain of causes, outermost first. */
  readonly causes?: readonly string[];
}

const longestChain = 8;

export function packError(error: unknown): PackedError {
  const causes = causeMessages(error);
  const message = error instanceof Error ? error.message : String(error);
  if (!WebsslError.isInstance(error)) return { message, causes };
  return { message, causes, code: error.code, details: cloneable(error.details) };
}

/**
 * The error again, as one of ours. One that was none of ours becomes the cause of an error with `fallback` as its code,
 * whose message begins with `subject`.
 */
export function unpackError(packed: PackedError, fallback: BackendErrorCode, subject: string): WebsslError {
  const causes = Array.isArray(packed.causes) ? packed.causes : [];
  const cause = causes.reduceRight<Error | undefined>(
    (inner, message) => new Error(String(message), inner && { cause: inner }),
    undefined,
  );
  if (packed.code !== undefined) {
    return new WebsslError({
      code: packed.code,
      message: packed.message,
      cause,
      ...(packed.details && { details: packed.details }),
    });
  }
  return new WebsslError({
    code: fallback,
    message: `${subject}: ${packed.message}`,
    cause: new Error(packed.message, cause && { cause }),
  });
}

function causeMessages(error: unknown): string[] {
  const messages: string[] = [];
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && messages.length < longestChain) {
    messages.push(current instanceof Error ? current.message : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages;
}

/** Details that cannot be cloned must not turn the report of an error into another error. */
function cloneable(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return structuredClone(details);
  } catch {
    return {};
  }
}
