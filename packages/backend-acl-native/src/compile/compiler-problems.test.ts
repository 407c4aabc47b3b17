import { describe, expect, it } from 'vitest';
import { errorCodes, explainFailure } from './compiler-problems.js';

const failed = { status: 255, signal: null, saysSuccess: false };

describe('what a failure of the compiler means', () => {
  it.each([
    ['E10001: Value Ascend910X for parameter --soc_version is invalid. Reason: not supported', 'soc-unknown'],
    [
      'EZ3003: [PID: 7] No supported Ops kernel and engine are found for [Erf_3], optype [Erf].',
      'operators-missing',
    ],
    ['E10501: IR for Op Erf_3 with optype Erf is not registered.', 'operators-missing'],
    [
      'EZ3002: Optype [MatMulV2] of Ops kernel [AIcoreEngine] is unsupported. Reason: dtype.',
      'operator-unsupported',
    ],
    ['E19010: No parser is registered for Op [div, optype [ai.onnx::23::Div]].', 'operator-set-unsupported'],
    ['E16002: No ONNX parser is registered for optype ai.onnx::20::Gelu.', 'operator-set-unsupported'],
    ['E16004: ONNX model has no graph.', 'graph-invalid'],
    ['E10041: Failed to load the model from onnx/model.onnx.', 'weights-unreadable'],
    [
      "terminate called after throwing an instance of 'std::invalid_argument'  what():  stol",
      'weights-unreadable',
    ],
    [
      'E10036: --dynamic_batch_size has 130 profiles, which is greater than the maximum 100.',
      'batch-sizes-refused',
    ],
    [
      'EC0010: Failed to import Python module [ModuleNotFoundError: No module named decorator]',
      'python-missing',
    ],
    ['E40000: Failed to import te.platform.log_util.', 'python-missing'],
    ["ERROR: unknown command line flag 'external_weight'", 'option-unknown'],
    [
      'atc.bin: error while loading shared libraries: libascend_hal.so: cannot open shared object file',
      'library-missing',
    ],
    ['E40021: Failed to compile Op [MatMul_3].', 'operator-compilation-failed'],
    ['OSError: [Errno 28] No space left on device', 'disk-full'],
    ['E10054: The required parameter --model for ATC is empty.', 'option-refused'],
    ['E19999: Unknown error occurred. Please check the log.', 'internal'],
    ['something new', 'unknown'],
  ])('%s', (line, kind) => {
    const lines = ['ATC start working now', 'ATC run failed, Please check the detail log', line];
    expect(explainFailure({ ...failed, lines }).kind).toBe(kind);
  });

  it('takes a kill for a lack of memory, also behind a shell', () => {
    expect(explainFailure({ ...failed, status: null, signal: 'SIGKILL', lines: [] }).kind).toBe('killed');
    expect(explainFailure({ ...failed, status: 137, lines: [] }).kind).toBe('killed');
    expect(explainFailure({ ...failed, status: null, signal: 'SIGSEGV', lines: [] }).kind).toBe('crashed');
  });

  it('finds the codes, each once', () => {
    const lines = ['E10001: x', '  EZ3003: [PID: 1] y', 'E10001: again', 'TraceBack E19999', 'Error: E1'];
    expect(errorCodes(lines)).toEqual(['E10001', 'EZ3003']);
  });
});
