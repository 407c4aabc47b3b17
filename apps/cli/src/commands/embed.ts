import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Tensor, WebsslError } from '@webssl/backend';
import {
  type DeviceOptions,
  describeDevices,
  describeError,
  type HubOptions,
  hubOptions,
  reportLoading,
  type Terminal,
} from '@webssl/command-line';
import { type EncodeResult, type Encoder, loadEncoder } from '@webssl/encoder';
import { locateModel } from '@webssl/registry';
import { examplePhotograph } from '../example-photographs.js';
import { exitCode } from '../exit-code.js';
import { findImages } from '../find-images.js';
import { checkOutput, createOutput } from '../outputs/create-output.js';
import type { FeatureOutput, Provenance } from '../outputs/feature-output.js';
import { jsonError, jsonFeatures } from '../outputs/json-feature.js';
import { noOutput } from '../outputs/no-output.js';
import { DeviceLosses } from './device-losses.js';

const defaultOutput = 'features.safetensors';

/** From this many images on, packing the weights first saves more time than it costs. */
const throughputPays = 50;

/** Images of which each gets a line of its own on stdout. */
const listedImages = 20;

export interface EmbedOptions extends HubOptions, DeviceOptions {
  readonly model: string;
  readonly features: readonly string[];
  readonly normalize: boolean;
  readonly batch?: number;
  readonly mode: 'coldStart' | 'throughput';
  readonly out?: string;
  readonly json: boolean;
}

/** `webssl embed`: images to features in a file, or as JSON lines on stdout. */
export async function embed(
  patterns: readonly string[],
  options: EmbedOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const out = options.out ?? (options.json ? undefined : defaultOutput);
  if (out !== undefined) await checkOutput(out, options.features);
  if (patterns.length === 0)
    terminal.note('No images named: embedding the example photograph (a rocket launch, CC0).');
  const images = patterns.length === 0 ? [examplePhotograph] : await findImages(patterns);
  if (out !== undefined) refuseImageAsOutput(out, images);
  if (images.length >= throughputPays && options.mode === 'coldStart' && options.device === 'cpu') {
    terminal.note('Many images: --mode throughput packs the weights first and is then faster on each.');
  }
  await requireAnImage(images, options);
  const losses = new DeviceLosses(terminal);
  const { model, features, mode } = options;
  const encoder = await reportLoading(options, terminal, signal, (loadOptions) =>
    loadEncoder(model, { ...loadOptions, features, mode, onDeviceLost: losses.report }),
  );
  for (const warning of encoder.info.warnings) terminal.note(`warning: ${warning}`);
  try {
    return await encodeInto(out, encoder, images, options, losses, terminal, signal);
  } finally {
    await encoder.close();
  }
}

/** A photograph under a name such as photo.json would be gone. */
function refuseImageAsOutput(out: string, images: readonly string[]): void {
  const target = resolve(out);
  if (!images.some((image) => resolve(image) === target)) return;
  throw new WebsslError({
    code: 'OUTPUT_WRITE_FAILED',
    message: `${out} is one of the images: it would be overwritten. Give the output another name.`,
    details: { path: out },
  });
}

/** Gigabytes are not fetched for a misspelt name; a model that is on disk tells of each image by itself. */
async function requireAnImage(images: readonly string[], options: EmbedOptions): Promise<void> {
  if ((await locateModel(options.model, hubOptions(options))) !== undefined) return;
  const found = await Promise.all(images.map((image) => stat(image).catch(() => undefined)));
  if (found.some((entry) => entry !== undefined)) return;
  throw new WebsslError({
    code: 'IMAGES_NOT_FOUND',
    message: `There is no file ${images.join(', ')}, so ${options.model} is not fetched.`,
    details: { images },
  });
}

async function encodeInto(
  out: string | undefined,
  encoder: Encoder,
  images: readonly string[],
  options: EmbedOptions,
  losses: DeviceLosses,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const provenance = provenanceOf(encoder, options);
  const output = out === undefined ? noOutput : await createOutput(out, provenance);
  const progress = terminal.showProgress('Embedding', images.length, 'images');
  let failed = 0;
  try {
    const results = encoder.encodeAll(images, {
      features: options.features,
      normalize: options.normalize,
      signal,
      ...(options.batch === undefined ? {} : { batch: options.batch }),
    });
    for await (const result of results) {
      if ('error' in result) {
        failed++;
        losses.giveUpAfter(result.error, encoder.info.devices);
      } else {
        losses.recovered();
      }
      await record(result, output);
      report(
        result,
        { ...options, data: out === undefined, listed: images.length <= listedImages },
        provenance,
        terminal,
      );
      progress.update(result.index + 1);
      if (out === undefined && terminal.isClosed) break;
    }
    if (failed < images.length) await output.finish(provenance);
    else await output.abort();
  } catch (error) {
    await output.abort();
    throw error;
  } finally {
    progress.stop();
  }
  const embedded = images.length - failed;
  if (!options.json) summarize(embedded, failed, embedded === 0 ? undefined : out, provenance, terminal);
  if (failed === 0) return exitCode.success;
  return embedded === 0 ? exitCode.failure : exitCode.someImagesFailed;
}

async function record(result: EncodeResult<string>, output: FeatureOutput): Promise<void> {
  if ('error' in result) await output.appendError(result.image, result.error);
  else await output.append(result.image, result.features);
}

function report(
  result: EncodeResult<string>,
  { json, data, listed }: { readonly json: boolean; readonly data: boolean; readonly listed: boolean },
  { model, synthetic }: Provenance,
  terminal: Terminal,
): void {
  const { index, image } = result;
  if ('error' in result) {
    if (json)
      terminal.result(JSON.stringify({ index, image, error: jsonError(result.error), model, synthetic }));
    terminal.note(`${image}: ${describeError(result.error)}`);
  } else if (json) {
    const features = data ? jsonFeatures(result.features) : dimsOf(result.features);
    terminal.result(JSON.stringify({ index, image, features, model, synthetic }));
  } else if (listed) {
    for (const [name, tensor] of Object.entries<Tensor>(result.features)) {
      terminal.result(`${image}  ${name} [${tensor.dims.join(', ')}]  ${preview(tensor)}`);
    }
  }
}

function dimsOf(features: Readonly<Record<string, Tensor>>): Record<string, { dims: readonly number[] }> {
  return Object.fromEntries(Object.entries(features).map(([name, { dims }]) => [name, { dims }]));
}

function preview({ data }: Tensor): string {
  const first = Array.from(data.subarray(0, 4), (value) => value.toFixed(4)).join(' ');
  return data.length > 4 ? `${first} ...` : first;
}

function summarize(
  embedded: number,
  failed: number,
  out: string | undefined,
  { model, synthetic, device }: Provenance,
  terminal: Terminal,
): void {
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  const target = out === undefined ? '' : ` -> ${relative('', out)}`;
  terminal.result(`${embedded} ${embedded === 1 ? 'image' : 'images'} embedded${failures}${target}`);
  terminal.result(`model ${model} on ${device}`);
  if (synthetic) {
    terminal.result(
      'SYNTHETIC WEIGHTS: random numbers of the true architecture. These features mean nothing.',
    );
  }
}

function provenanceOf(encoder: Encoder, options: EmbedOptions): Provenance {
  const { model, devices, processor } = encoder.info;
  return {
    model: model.id,
    revision: model.revision,
    synthetic: model.synthetic,
    device: describeDevices(devices),
    processing: JSON.stringify({ ...processor, exif: options.exif, resizeMode: options.resize }),
    normalized: options.normalize,
  };
}
