import { WebsslError } from '@webssl/backend';
import { cannDiagnoses, unloadable } from './cann/cann-diagnoses.js';
import type { Diagnosis } from './diagnosis.js';
import { RuntimeFailure } from './onnxruntime/runtime.js';
import type { Provider } from './session-setup.js';

/** What is said of memory by the host's own allocations and by ONNX Runtime's. */
const memoryDiagnosis: Diagnosis = {
  pattern: /\bbad_alloc\b|Failed to allocate memory/,
  code: 'BACKEND_OUT_OF_MEMORY',
  advice: 'The host has not enough memory: smaller batchSizes need less.',
};

/** What ONNX Runtime's messages on opening mean with any provider, first match first. */
const openingDiagnoses: readonly Diagnosis[] = [
  memoryDiagnosis,
  {
    pattern: /\bExternal data path |\bExternal initializer: |GetExtDataFromTensorProto|GetFileLength/,
    code: 'BACKEND_WEIGHTS_UNREADABLE',
    advice: 'The weights are missing, too short or not readable. Fetch the model again.',
  },
  {
    pattern:
      /protobuf parsing failed|found in the protobuf|\binvalid (?:model|graph)\b|\bType Error: |No Op registered|\bNOT_IMPLEMENTED\b|Could not find an implementation|ShapeInferenceError|Opset \d+ is under development/i,
    code: 'BACKEND_MODEL_REFUSED',
    advice: 'The graph is not one that this version of ONNX Runtime runs.',
  },
];

/** What is to be done besides when a device fails that has a session. */
const adviceToRenew = 'This session has ended with it: open another one.';

/** A failure to open, as one of our errors. */
export function openingError(cause: unknown, provider: Provider, folder?: string): WebsslError {
  const diagnoses = provider === 'cann' ? [...cannDiagnoses, ...openingDiagnoses] : openingDiagnoses;
  const subject = `ONNX Runtime could not open the model${folder === undefined ? '' : ` with its weights in ${folder}`}`;
  return failure(cause, diagnoses.map(withoutSession), 'BACKEND_OPEN_FAILED', subject);
}

/** A failure of CANN to tell of its devices or to use one, as one of our errors; the subject says which. */
export function probeError(cause: unknown, subject: string): WebsslError {
  return failure(cause, cannDiagnoses.map(withoutSession), 'BACKEND_OPEN_FAILED', subject);
}

/** A failure to compute, as one of our errors. */
export function runError(cause: unknown, provider: Provider): WebsslError {
  const diagnoses = provider === 'cann' ? [...cannDiagnoses, memoryDiagnosis] : [memoryDiagnosis];
  const ending = diagnoses.map((diagnosis) =>
    diagnosis.policy === 'renew'
      ? { ...diagnosis, advice: `${diagnosis.advice} ${adviceToRenew}` }
      : diagnosis,
  );
  return failure(cause, ending, 'BACKEND_RUN_FAILED', 'ONNX Runtime could not compute the batch');
}

/** There is no session yet that could be lost. */
function withoutSession(diagnosis: Diagnosis): Diagnosis {
  return diagnosis.code === 'BACKEND_LOST' ? { ...diagnosis, code: 'BACKEND_OPEN_FAILED' } : diagnosis;
}

/** Whether a call failed because CANN could not load a compiled model, for a reason that lies in its file. */
export function isUnloadable(cause: unknown): boolean {
  return cause instanceof RuntimeFailure && diagnose(cause, cannDiagnoses) === unloadable;
}

function failure(
  cause: unknown,
  diagnoses: readonly Diagnosis[],
  fallback: string,
  subject: string,
): WebsslError {
  if (WebsslError.isInstance(cause)) return cause;
  const { code = fallback, meaning, advice, policy } = diagnose(cause, diagnoses) ?? {};
  const said = messageOf(cause);
  const reason = meaning === undefined ? said : `${meaning} (${said.trim()})`;
  return new WebsslError({
    code,
    message: `${subject}: ${reason}${advice === undefined ? '' : `. ${advice}`}`,
    cause,
    details: { ...(advice !== undefined && { advice }), ...(policy !== undefined && { policy }) },
  });
}

function diagnose(cause: unknown, diagnoses: readonly Diagnosis[]): Diagnosis | undefined {
  // The only ranges that are exceeded here are those of array buffers.
  if (cause instanceof RangeError) return memoryDiagnosis;
  const message = withoutNames(messageOf(cause));
  return diagnoses.find(({ pattern }) => pattern.test(message));
}

/** Without paths and other names, which ONNX Runtime puts in quotes: they are the user's words and not its own. */
function withoutNames(message: string): string {
  return message.replaceAll(/"[^"]*"|(?<!\w)'[^']*'(?!\w)/g, '""');
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
