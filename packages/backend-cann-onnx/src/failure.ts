import { WebsslError } from '@webssl/backend';
import type { Provider } from './session-setup.js';

interface Diagnosis {
  readonly pattern: RegExp;
  readonly code: string;
  readonly advice: string;
  /**
   * What is to be done about a device that failed: `renew` where a fresh session may do better, `give-up` where the hardware is
   * defective.
   */
  readonly policy?: 'renew' | 'give-up';
}

/** What the messages of the CANN provider mean, first match first. The codes are AscendCL's. */
const cannDiagnoses: readonly Diagnosis[] = [
  {
    pattern: /fallback to CPU EP has been explicitly disabled/i,
    code: 'CANN_FALLBACK_REFUSED',
    advice:
      'This version of the CANN provider does not take every operator of the graph, and the rest is not computed on the CPU in secret. ' +
      'Use another version, or the backend acl-native.',
  },
  {
    pattern: /\b(207001|207018|245000|EL0004)\b|out of memory/i,
    code: 'BACKEND_OUT_OF_MEMORY',
    advice:
      'The NPU has not enough free memory: npu-smi info tells who uses it. Smaller batchSizes need less.',
  },
  {
    pattern: /\b100039\b/,
    code: 'CANN_PROVIDER_FAILED',
    advice:
      'A stub library of CANN is first on LD_LIBRARY_PATH (devlib or stub). Put the lib64 folder before it.',
  },
  {
    pattern: /\b(507053|507054|507055)\b/,
    code: 'BACKEND_LOST',
    advice:
      'The memory of the NPU is defective. Take it out of service and have it examined (npu-smi info -t health).',
    policy: 'give-up',
  },
  {
    pattern: /\b(5070\d\d|507899|507900|545\d\d\d|107022)\b/,
    code: 'BACKEND_LOST',
    advice:
      'The NPU failed, and this session with it. Open another one; npu-smi info and ~/ascend/log tell more.',
    policy: 'renew',
  },
  {
    pattern: /aclgrph\w+/,
    code: 'CANN_COMPILE_FAILED',
    advice: 'CANN could not compile the graph. Its own log, in ~/ascend/log, says why.',
  },
  {
    pattern: /invalid device id|aclrtGetDeviceCount|aclrtSetDevice|\b(107001|207004|207006)\b/i,
    code: 'CANN_DEVICE_UNAVAILABLE',
    advice:
      'See that npu-smi info lists the device, that this user may use it, and that ASCEND_RT_VISIBLE_DEVICES does not hide it.',
  },
  {
    pattern: /load library|shared object|providers_cann/i,
    code: 'CANN_PROVIDER_FAILED',
    advice:
      "The provider's library or one that it needs was not found. Source CANN's set_env.sh before starting Node, and leave the " +
      'provider libraries beside libonnxruntime.so.',
  },
  {
    pattern: /refused its options|unknown provider option/i,
    code: 'CANN_PROVIDER_FAILED',
    advice:
      "The provider knows neither precision_mode_v2 nor precision_mode, or in a thread not dump_om_model. Use a newer ONNX Runtime, or isolation 'process'.",
  },
];

/** What ONNX Runtime's messages on opening mean with any provider, first match first. */
const openingDiagnoses: readonly Diagnosis[] = [
  {
    pattern: /bad_alloc|failed to allocate|out of memory|cannot allocate/i,
    code: 'BACKEND_OUT_OF_MEMORY',
    advice: 'There is not enough memory for this model.',
  },
  {
    pattern:
      /external data|external initializer|file_size|no such file|ENOENT|getfilelength|mapped|mmap|open file/i,
    code: 'BACKEND_WEIGHTS_UNREADABLE',
    advice: 'The weights are missing, too short or not readable. Fetch the model again.',
  },
  {
    pattern: /protobuf|modelproto|invalid model|invalid graph|type error|shape|opset|not implemented|node/i,
    code: 'BACKEND_MODEL_REFUSED',
    advice: 'The graph is not one that this version of ONNX Runtime runs.',
  },
];

/** A failure to open or to probe, as one of our errors. */
export function openingError(cause: unknown, provider: Provider, folder?: string): WebsslError {
  const diagnoses = provider === 'cann' ? [...cannDiagnoses, ...openingDiagnoses] : openingDiagnoses;
  const subject = `ONNX Runtime could not open the model${folder === undefined ? '' : ` with its weights in ${folder}`}`;
  const error = failure(cause, diagnoses, 'BACKEND_OPEN_FAILED', subject);
  if (error.code !== 'BACKEND_LOST') return error;
  // There is no session yet that could be lost.
  const { message, details } = error;
  return new WebsslError({ code: 'BACKEND_OPEN_FAILED', message, cause, details });
}

/** A failure to compute, as one of our errors. */
export function runError(cause: unknown, provider: Provider): WebsslError {
  const diagnoses = provider === 'cann' ? cannDiagnoses : openingDiagnoses.slice(0, 1);
  return failure(cause, diagnoses, 'BACKEND_RUN_FAILED', 'ONNX Runtime could not compute the batch');
}

function failure(
  cause: unknown,
  diagnoses: readonly Diagnosis[],
  fallback: string,
  subject: string,
): WebsslError {
  if (WebsslError.isInstance(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const { code = fallback, advice, policy } = diagnoses.find(({ pattern }) => pattern.test(message)) ?? {};
  return new WebsslError({
    code,
    message: `${subject}: ${message}${advice === undefined ? '' : `. ${advice}`}`,
    cause,
    details: { ...(advice !== undefined && { advice }), ...(policy !== undefined && { policy }) },
  });
}
