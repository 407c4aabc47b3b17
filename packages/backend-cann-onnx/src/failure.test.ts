import { describe, expect, it } from 'vitest';
import { isUnloadable, openingError, probeError, runError } from './failure.js';
import { RuntimeFailure } from './onnxruntime/runtime.js';

/** As the CANN provider words a call that failed. */
const cannFailure = (code: number, call: string) =>
  new RuntimeFailure(
    `CANN failure ${code}: (look for ACL_ERROR_xxx in acl.h) ; NPU=0 ; hostname=npu-507015 ; expr=${call}; `,
  );

describe('a failure to open', () => {
  it.each([
    'Some new failure with "/models/protobuf invalid model/External data path /fallback.onnx"',
    "Some new failure with '/data/207001/mapped file_size out of memory no such file'",
    'Some new failure with /nodes/shapes/opset-16/mmap/libonnxruntime_providers_cann.so',
  ])('is not explained by the names of folders: %s', (message) => {
    for (const provider of ['cpu', 'cann'] as const) {
      expect(openingError(new RuntimeFailure(message), provider)).toMatchObject({
        code: 'BACKEND_OPEN_FAILED',
        message: expect.stringContaining(message),
        details: {},
      });
    }
  });

  it('is one of the weights or of the graph where ONNX Runtime says so', () => {
    const code = (message: string) => openingError(new RuntimeFailure(message), 'cpu').code;
    expect(code('External data path validation failed for initializer: a. Error: ...')).toBe(
      'BACKEND_WEIGHTS_UNREADABLE',
    );
    expect(code('This is an invalid model. In Node, ("a", Xrf, "", -1) : No Op registered for Xrf')).toBe(
      'BACKEND_MODEL_REFUSED',
    );
  });
});

describe('a failure to ask for devices', () => {
  it.each([507_033, 507_010, 545_001, 207_006])(
    'speaks of no model or session, which are not there: %i',
    (code) => {
      const error = probeError(cannFailure(code, 'aclrtSetDevice'), 'The NPU cannot be used');
      expect(error.code).not.toBe('BACKEND_LOST');
      expect(error.message).toMatch(new RegExp(`^The NPU cannot be used: .*${code}`));
      expect(error.message).not.toMatch(/model|session/i);
    },
  );
});

describe('a failure to compute', () => {
  it('tells to open another session where the device may do better', () => {
    expect(runError(cannFailure(507_033, 'aclmdlExecute(modelID)'), 'cann')).toMatchObject({
      code: 'BACKEND_LOST',
      message: expect.stringContaining('busy'),
      details: { policy: 'renew', advice: expect.stringContaining('open another one') },
    });
  });

  it('is one of memory where the host has none for an array', () => {
    expect(runError(new RangeError('Array buffer allocation failed'), 'cann').code).toBe(
      'BACKEND_OUT_OF_MEMORY',
    );
  });

  it('is what the code of AscendCL says, and not a number elsewhere in the message', () => {
    expect(runError(cannFailure(507_015, 'aclmdlExecute(modelID)'), 'cann').code).toBe('BACKEND_LOST');
    expect(runError(cannFailure(500_002, 'aclmdlExecute(modelID)'), 'cann').code).toBe('BACKEND_RUN_FAILED');
  });

  it.each([
    [145_006, true],
    [545_001, true],
    [500_002, true],
    [207_001, false],
    [507_010, false],
  ])('lies in the file of a model that is not loaded with the code %i: %s', (code, expected) => {
    expect(isUnloadable(cannFailure(code, 'aclmdlLoadFromFile(filename.c_str(), &modelID)'))).toBe(expected);
    expect(isUnloadable(cannFailure(code, 'aclmdlExecute(modelID)'))).toBe(false);
  });
});
