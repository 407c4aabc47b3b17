import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputName } from '@webssl/backend';
import { fixtureModel } from '@webssl/backend/testkit';
import { onTestFinished } from 'vitest';
import { environmentOf } from './environment.js';
import { buildNative } from './native-build.js';
import type { SimulatorConfiguration } from './simulator.js';

/** What the Makefile made; why not where it cannot. */
export const native = buildNative();

/** What a program printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs a program that the Makefile made. */
export function runProgram(
  name: string,
  words: readonly string[],
  configuration: SimulatorConfiguration = {},
  timeout = 30_000,
): Ended {
  if ('missing' in native) throw new Error(native.missing);
  const { status, signal, stdout } = spawnSync(join(native.folder, name), words, {
    env: { ...process.env, ...environmentOf(configuration) },
    encoding: 'utf8',
    timeout,
    killSignal: 'SIGKILL',
  });
  return { code: status, signal, output: stdout };
}

/** An empty folder that is gone when the test ends. */
export function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'webssl-simulator-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with a graph of the fixture model as `model.onnx`, and its weights beside it. */
export async function fixtureFolder(
  outputs: readonly OutputName[] = ['last_hidden_state'],
  batch: number | 'symbolic' = 'symbolic',
): Promise<string> {
  const folder = emptyFolder();
  const model = await fixtureModel().onnx({ size: { height: 12, width: 12 }, batch, outputs });
  writeFileSync(join(folder, 'model.onnx'), model.bytes);
  for (const file of model.files) copyFileSync(join(model.folder, file), join(folder, file));
  return folder;
}

/** Arguments of `atc` for the model of a folder; `undefined` leaves one out. */
export function compilerWords(
  folder: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string[] {
  const flags = {
    framework: '5',
    model: join(folder, 'model.onnx'),
    output: join(folder, 'out', 'model'),
    soc_version: 'Ascend910B4',
    input_format: 'ND',
    input_shape: 'pixel_values:2,3,12,12',
    precision_mode_v2: 'origin',
    ...changes,
  };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}=${value}`],
  );
}

/** Arguments for a model with gears. */
export function gears(sizes: string): Readonly<Record<string, string>> {
  return { input_shape: 'pixel_values:-1,3,12,12', dynamic_batch_size: sizes };
}

/** Compiles the model of a folder. @throws Error where `atc` refuses */
export function compileModel(
  folder: string,
  changes: Readonly<Record<string, string | undefined>> = {},
  configuration: SimulatorConfiguration = {},
): string {
  const { code, output } = runProgram('atc', compilerWords(folder, changes), configuration);
  if (code !== 0) throw new Error(output);
  return join(folder, 'out', 'model.om');
}

/** Executes an offline model once, on images; the batch is only told to a model with gears. */
export function executeModel(
  offlineModel: string,
  pixels: Float32Array,
  { batch, configuration }: { readonly batch?: number; readonly configuration?: SimulatorConfiguration } = {},
): Ended & { readonly values: Float32Array } {
  const folder = emptyFolder();
  const input = join(folder, 'input');
  const result = join(folder, 'result');
  writeFileSync(input, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
  const words = [offlineModel, input, result, ...(batch === undefined ? [] : [String(batch)])];
  const ended = runProgram('run-model', words, configuration);
  return { ...ended, values: new Float32Array(new Uint8Array(readFileSync(result)).buffer) };
}
