import type { Diagnosis } from '../diagnosis.js';

/** A compiled model that CANN cannot load. */
export const unloadable: Diagnosis = {
  pattern: /; expr=aclmdlLoad/,
  code: 'CANN_COMPILE_FAILED',
  advice:
    'CANN could not load a model that it compiled, nor another one in its stead. Its own log, in ~/ascend/log, says why.',
};

/**
 * What the messages of the CANN provider mean, first match first. The codes are AscendCL's; the provider words a call that failed
 * as `CANN failure <code>: ...; expr=<call>; ...`.
 */
export const cannDiagnoses: readonly Diagnosis[] = [
  {
    pattern: /fallback to CPU EP has been explicitly disabled/i,
    code: 'CANN_FALLBACK_REFUSED',
    advice:
      'This version of the CANN provider does not take every operator of the graph, and the rest is not computed on the CPU in secret. ' +
      'Use another version, or the backend acl-native.',
  },
  {
    pattern: /\bfailure (?:207001|207018|245000)\b|\bEL0004\b/,
    code: 'BACKEND_OUT_OF_MEMORY',
    advice:
      'The NPU has not enough free memory: npu-smi info tells who uses it. Each batch size that is used takes all weights once more, ' +
      'so fewer batchSizes need less, and smaller ones too.',
  },
  {
    pattern: /\bfailure 100039\b/,
    code: 'CANN_PROVIDER_FAILED',
    advice:
      'A stub library of CANN is first on LD_LIBRARY_PATH (devlib or stub). Put the lib64 folder before it.',
  },
  {
    pattern: /\bfailure (?:507053|507054|507055)\b/,
    code: 'BACKEND_LOST',
    advice:
      'The memory of the NPU is defective. Take it out of service and have it examined (npu-smi info -t health).',
    policy: 'give-up',
  },
  {
    pattern: /\bfailure 507033\b/,
    code: 'BACKEND_LOST',
    meaning: 'the NPU cannot be set up: it is busy, is being reset or failed',
    advice:
      'Close other programs on the NPU (npu-smi info lists them), then try again. If it happens again, ~/ascend/log tells more.',
    policy: 'renew',
  },
  {
    pattern: /\bfailure (?:5070\d\d|507899|507900|107022)\b/,
    code: 'BACKEND_LOST',
    advice: 'The NPU failed: npu-smi info and ~/ascend/log tell more.',
    policy: 'renew',
  },
  // Before the codes of the graph engine, because a damaged file is answered with some of them.
  unloadable,
  {
    pattern: /\bfailure 545\d\d\d\b/,
    code: 'BACKEND_LOST',
    advice: 'The graph engine of the NPU failed: ~/ascend/log tells more.',
    policy: 'renew',
  },
  {
    pattern: /\baclgrph\w+/,
    code: 'CANN_COMPILE_FAILED',
    advice: 'CANN could not compile the graph. Its own log, in ~/ascend/log, says why.',
  },
  {
    pattern: /\bfailure 207006\b/,
    code: 'CANN_DEVICE_UNAVAILABLE',
    meaning: 'this user has no permission on the NPU',
    advice:
      'Add the user to the group of the driver (HwHiAiUser by default), or in a container pass the device in (--device /dev/davinci0 ' +
      'and the control devices).',
  },
  {
    pattern: /\bInvalid device ID: |\baclrtGetDeviceCount|\baclrtSetDevice|\bfailure (?:107001|207004)\b/,
    code: 'CANN_DEVICE_UNAVAILABLE',
    advice:
      'See that npu-smi info lists the device, that this user may use it, and that ASCEND_RT_VISIBLE_DEVICES does not hide it.',
  },
  {
    pattern: /\bFailed to load library\b|cannot open shared object file|\bundefined symbol: /,
    code: 'CANN_PROVIDER_FAILED',
    advice:
      "The provider's library or one that it needs was not found. Source CANN's set_env.sh before starting Node, and leave the " +
      'provider libraries beside libonnxruntime.so.',
  },
  {
    pattern: /\brefused its options: |\bUnknown provider option: /,
    code: 'CANN_PROVIDER_FAILED',
    advice:
      "The provider knows neither precision_mode_v2 nor precision_mode, or in a thread not dump_om_model. Use a newer ONNX Runtime, or isolation 'process'.",
  },
];
