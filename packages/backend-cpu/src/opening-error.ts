import { type BackendErrorCode, WebsslError } from '@webssl/backend';

interface Diagnosis {
  readonly pattern: RegExp;
  readonly code: BackendErrorCode;
  readonly advice: (folder: string) => string;
}

/** What ONNX Runtime's messages mean, first match first. */
const diagnoses: readonly Diagnosis[] = [
  {
    pattern: /bad_alloc|failed to allocate|out of memory|cannot allocate/i,
    code: 'BACKEND_OUT_OF_MEMORY',
    advice: () => "There is not enough memory for this model. Mode 'coldStart' needs the least.",
  },
  {
    pattern: /external data|external initializer|file_size|no such file|getfilelength|mapped|mmap|open file/i,
    code: 'BACKEND_WEIGHTS_UNREADABLE',
    advice: (folder) =>
      `The weights in ${folder} are missing, too short or not readable. Fetch the model again.`,
  },
  {
    pattern: /protobuf|modelproto|invalid model|invalid graph|type error|shape|opset|not implemented|node/i,
    code: 'BACKEND_MODEL_REFUSED',
    advice: () => 'The graph is not one that this version of ONNX Runtime runs.',
  },
];

/** A failure to open a graph whose weights lie in `folder`, as one of our errors. */
export function openingError(cause: unknown, folder: string): WebsslError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const diagnosis = diagnoses.find(({ pattern }) => pattern.test(message));
  return new WebsslError({
    code: diagnosis?.code ?? 'BACKEND_OPEN_FAILED',
    message: `ONNX Runtime could not open the model: ${message}${diagnosis ? `. ${diagnosis.advice(folder)}` : ''}`,
    cause,
    details: { folder },
  });
}
