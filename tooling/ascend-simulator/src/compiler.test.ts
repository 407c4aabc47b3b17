import { existsSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectedTensor, fixturePixels } from '@webssl/backend/testkit';
import { describe, expect, it } from 'vitest';
import {
  compileModel,
  compilerWords,
  emptyFolder,
  executeModel,
  fixtureFolder,
  gears,
  native,
  runProgram,
} from './testing.js';

/** Replaces bytes of a graph by others of the same length. */
function replaceInModel(folder: string, from: string, to: string): void {
  const path = join(folder, 'model.onnx');
  const bytes = readFileSync(path);
  let place = bytes.indexOf(from);
  expect(place).toBeGreaterThan(-1);
  for (; place >= 0; place = bytes.indexOf(from, place + 1)) bytes.write(to, place);
  writeFileSync(path, bytes);
}

/** Relative error of an execution's values, squared: against the model in float64. */
function errorOf(offlineModel: string): number {
  const { values } = executeModel(offlineModel, fixturePixels([0, 1]).data);
  const reference = expectedTensor([0, 1], 'last_hidden_state').data;
  const error = reference.reduce(
    (sum, value, index) => sum + ((values[index] ?? Number.NaN) - value) ** 2,
    0,
  );
  return error / reference.reduce((sum, value) => sum + value ** 2, 0);
}

describe.skipIf('missing' in native)('atc', () => {
  it('reports success as the real one does, and writes a header with magic and length', async () => {
    const folder = await fixtureFolder();
    const { code, output } = runProgram('atc', compilerWords(folder));
    expect(code).toBe(0);
    expect(output).toMatch(/^ATC run success, welcome to the next use\.$/m);
    const bytes = readFileSync(join(folder, 'out', 'model.om'));
    expect(bytes.toString('latin1', 0, 4)).toBe('IMOD');
    expect(bytes.readUInt32LE(4)).toBe(256);
    expect(bytes.readUInt32LE(76)).toBe(bytes.length - 256);
    expect(Number(bytes.readBigUInt64LE(184))).toBe(bytes.length - 256);
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['an unknown flag', { batch: '1' }, /^E10001: .*--batch/m],
    ['no SoC', { soc_version: undefined }, /^E10004: .*--soc_version/m],
    ['an unknown SoC', { soc_version: 'Ascend999' }, /^E10001: .*Ascend999/m],
    ['no framework', { framework: undefined }, /^E10004: .*--framework/m],
    ['another framework', { framework: '0' }, /^E10001: .*--framework/m],
    ['no output', { output: undefined }, /^E10004: .*--output/m],
    ['an output without a name', { output: 'folder/' }, /^E10022: /m],
    ['a missing model', { model: '/missing.onnx' }, /^E10041: .*missing\.onnx/m],
    ['both precision flags', { precision_mode: 'force_fp16' }, /^E10047: .*precision_mode_v2/m],
    ['an unknown precision', { precision_mode_v2: 'fp32' }, /^E10001: .*'fp32'/m],
    ['a switch that is none', { external_weight: '2' }, /^E10006: .*--external_weight/m],
    ['an unknown log level', { log: 'loud' }, /^E10010: .*loud/m],
    ['a missing precision file', { op_precision_mode: '/missing.ini' }, /^E10001: .*missing\.ini/m],
    ['an input of another name', { input_shape: 'pixels:1,3,12,12' }, /^E10016: .*'pixels'/m],
    ['a shape of another rank', { input_shape: 'pixel_values:1,3,12' }, /^E10049: /m],
    ['a shape that does not fit', { input_shape: 'pixel_values:1,3,12,16' }, /^E10001: .*dimension 3 is 12/m],
    ['a shape with words', { input_shape: 'pixel_values:1,3,a,12' }, /^E10002: .*'a'/m],
    ['a shape without a name', { input_shape: '1,3,12,12' }, /^E10002: /m],
    ['no shape for a symbolic input', { input_shape: undefined }, /^E11005: .*'pixel_values'/m],
    ['an open batch without gears', { input_shape: 'pixel_values:-1,3,12,12' }, /^E10011: /m],
    ['gears without an open batch', { dynamic_batch_size: '1,2' }, /^E10031: /m],
    ['one gear', gears('4'), /^E10035: /m],
    ['101 gears', gears(Array.from({ length: 101 }, (_, index) => index + 1).join(',')), /^E10036: /m],
    ['a gear of 0', gears('0,1'), /^E10038: /m],
    ['a gear twice', gears('2,1,2'), /^E10039: /m],
    [
      'another open dimension',
      { input_shape: 'pixel_values:-1,3,-1,12', dynamic_batch_size: '1,2' },
      /^E10001: |^E10018: /m,
    ],
    ['gears with other dynamic shapes', { ...gears('1,2'), dynamic_dims: '1;2' }, /^E10009: /m],
  ])('refuses %s', async (_, changes, expected) => {
    const folder = await fixtureFolder();
    const { code, output } = runProgram('atc', compilerWords(folder, changes));
    expect(output).toMatch(/^ATC run failed, Please check the detail log/m);
    expect(output).toMatch(expected);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'out', 'model.om'))).toBe(false);
  });

  it('refuses operators that have no parser, and opsets out of range', async () => {
    const unknown = await fixtureFolder();
    replaceInModel(unknown, 'Softmax', 'Hardmax');
    expect(runProgram('atc', compilerWords(unknown)).output).toMatch(
      /^EZ9010: .*No parser is registered for Op \[.*, optype \[ai\.onnx::\d+::Hardmax\]\]/m,
    );
    const newer = await fixtureFolder();
    // OperatorSetIdProto with version 15, the last field of the model.
    replaceInModel(newer, '\x42\x04\x0a\x00\x10\x0f', '\x42\x04\x0a\x00\x10\x13');
    expect(runProgram('atc', compilerWords(newer)).output).toMatch(/^EZ9010: .*ai\.onnx::19::/m);
  });

  it('refuses external data with other keys, absolute places, and files that are not there', async () => {
    const keys = await fixtureFolder();
    replaceInModel(keys, 'offset', 'chksum');
    expect(runProgram('atc', compilerWords(keys)).output).toMatch(/^E10041: .*has the key chksum/m);
    const absolute = await fixtureFolder();
    replaceInModel(absolute, 'model.safetensors', '/odel.safetensors');
    expect(runProgram('atc', compilerWords(absolute)).output).toMatch(/^E10041: .*absolute/m);
    const missing = await fixtureFolder();
    renameSync(join(missing, 'model.safetensors'), join(missing, 'elsewhere'));
    expect(runProgram('atc', compilerWords(missing)).output).toMatch(/^E10041: .*cannot be read/m);
  });

  it('looks for external data where a symbolic link to the model leads', async () => {
    const folder = await fixtureFolder();
    const elsewhere = emptyFolder();
    symlinkSync(join(folder, 'model.onnx'), join(elsewhere, 'model.onnx'));
    const { code } = runProgram('atc', compilerWords(elsewhere));
    expect(code).toBe(0);
  });

  it('refuses what is no ONNX model', async () => {
    const folder = await fixtureFolder();
    writeFileSync(join(folder, 'model.onnx'), 'not a model');
    expect(runProgram('atc', compilerWords(folder)).output).toMatch(/^E10041: .*is no ONNX model/m);
  });

  it('reads the file of operator precisions', async () => {
    const folder = await fixtureFolder();
    const file = join(folder, 'precision.ini');
    writeFileSync(file, '[ByOpType]\nMatMulV2=enable_float_32_execution\n');
    expect(runProgram('atc', compilerWords(folder, { op_precision_mode: file })).code).toBe(0);
    writeFileSync(file, '[ByOpType]\nMatMulV2=as_you_like\n');
    expect(runProgram('atc', compilerWords(folder, { op_precision_mode: file })).output).toMatch(
      /^E10001: /m,
    );
  });

  it('rounds weights as the precision says; float16 is the default', async () => {
    const folder = await fixtureFolder();
    const exact = errorOf(compileModel(folder));
    const byDefault = errorOf(compileModel(folder, { precision_mode_v2: undefined }));
    const half = errorOf(compileModel(folder, { precision_mode_v2: 'fp16' }));
    const mixed = errorOf(compileModel(folder, { precision_mode_v2: 'mixed_float16' }));
    const first = errorOf(
      compileModel(folder, { precision_mode_v2: undefined, precision_mode: 'must_keep_origin_dtype' }),
    );
    expect(exact).toBeLessThan(1e-11);
    expect(first).toBe(exact);
    expect(half).toBeGreaterThan(1e-9);
    expect(half).toBeLessThan(1e-5);
    expect(byDefault).toBe(half);
    expect(mixed).toBeGreaterThan(1e-9);
    expect(mixed).not.toBe(half);
  });

  it('gets weights wrong where it is asked to', async () => {
    const folder = await fixtureFolder();
    const wrong = compileModel(folder, { external_weight: '1' }, { wrongWeights: 'layer.1.' });
    expect(errorOf(wrong)).toBeGreaterThan(1e-4);
  });

  it('fails, hangs or leaves half an output where it is asked to', async () => {
    const folder = await fixtureFolder();
    const whole = statSync(compileModel(folder)).size;
    const words = compilerWords(folder);
    const path = join(folder, 'out', 'model.om');
    expect(runProgram('atc', words, { compilerFault: 'fail' })).toMatchObject({ code: 1 });
    expect(runProgram('atc', words, { compilerFault: 'hang' }, 300).signal).toBe('SIGKILL');
    expect(runProgram('atc', words, { compilerFault: 'half-output' }).signal).toBe('SIGKILL');
    expect(statSync(path).size).toBe(Math.floor(whole / 2));
    expect(runProgram('atc', words, { compilerFault: 'truncated' })).toMatchObject({ code: 0 });
    expect(executeModel(path, fixturePixels([0, 1]).data).output).toContain(': 145006 ');
  });
});
