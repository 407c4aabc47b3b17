import type { ImageSize } from '@webssl/backend';
import {
  checkpointProgress,
  describeError,
  formatPercent,
  type HubOptions,
  hubOptions,
  type Progress,
  PullReporter,
  quantizeProgress,
  type Terminal,
} from '@webssl/command-line';
import {
  drawFrontier,
  type FrontierPoint,
  keepsBound,
  type TuningResult,
  tuneModel,
} from '@webssl/evaluation';
import { requireFolder, writeOutputFile } from '@webssl/tensor-files';
import { exitCode } from '../exit-code.js';
import { findImages } from '../find-images.js';
import { formatTable } from '../table.js';

export interface TuneCommandOptions extends HubOptions {
  readonly model: string;
  readonly images?: readonly string[];
  readonly maxNmse?: number;
  readonly imageSize?: number | ImageSize;
  readonly threads?: number;
  readonly picture: string;
  readonly json: boolean;
}

/** `webssl tune`: which linear layers compute in int8, measured; ends in PASS or FAIL. */
export async function tune(
  patterns: readonly string[],
  options: TuneCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { model, maxNmse, imageSize, threads, picture, json } = options;
  const named = [...patterns, ...(options.images ?? [])];
  const pull = new PullReporter(terminal);
  const progress = stageProgress(terminal);
  try {
    // Better known now than after minutes of measuring.
    await requireFolder(picture);
    if (named.length === 0)
      terminal.note('No images named: measuring on two synthetic test images. Better name some of your own.');
    const result = await tuneModel({
      ...hubOptions(options),
      model,
      ...(named.length === 0 ? {} : { images: await findImages(named) }),
      ...(maxNmse === undefined ? {} : { maxNmse }),
      ...(imageSize === undefined ? {} : { imageSize }),
      ...(threads === undefined ? {} : { threads }),
      signal,
      onProgress: checkpointProgress(terminal),
      onPull: pull.report,
      onQuantizeProgress: quantizeProgress(terminal),
      onStage: progress.stage,
      onStep: progress.step,
      onUnusableImage: (name, error) => terminal.note(`${name} is left out: ${describeError(error)}`),
    }).finally(() => {
      progress.stop();
      pull.stop();
    });
    await writeOutputFile(picture, await drawFrontier(result));
    print(result, picture, terminal, json);
    return result.verdict === 'PASS' ? exitCode.success : exitCode.fail;
  } catch (error) {
    if (signal.aborted) {
      terminal.note('Interrupted: nothing was stored.');
      return exitCode.interrupted;
    }
    terminal.note(describeError(error));
    return exitCode.unusable;
  }
}

function print(result: TuningResult, picture: string, terminal: Terminal, json: boolean): void {
  if (json) {
    terminal.result(JSON.stringify(result));
  } else {
    terminal.result(sharesTable(result));
    terminal.result(`\n${frontierTable(result)}\n`);
  }
  terminal.note(
    'Times are medians of a few runs in turn with float32: where other programs run they say little.',
  );
  if (result.model.synthetic)
    terminal.note('The weights are synthetic: trained ones have other errors. Tune the model that you use.');
  terminal.note(`The picture is in ${picture}.`);
  if (result.planFile !== undefined)
    terminal.note(`The plan is in ${result.planFile}; --device cpu:tuned uses it.`);
  const verdict = `RESULT: ${result.verdict} (bound ${formatPercent(result.bound)}; ${result.reason})`;
  if (json) terminal.note(verdict);
  else terminal.result(verdict);
}

/** Each layer's share of the error, and which of its linear layers causes most of it. */
function sharesTable({ layers, chosen }: TuningResult): string {
  const kept = new Set(chosen?.float32);
  return formatTable(
    ['layer', 'NMSE', 'CLS NMSE', 'most of it from', 'its part', 'in float32'],
    layers.map(({ layer, nmse, clsNmse, linears }) => {
      const [worst] = [...linears].sort((a, b) => b.layerNmse - a.layerNmse);
      const total = linears.reduce((sum, { layerNmse }) => sum + layerNmse, 0);
      const floats = linears.filter(({ name }) => kept.has(name)).map(({ name }) => shortName(name));
      return [
        layer,
        formatPercent(nmse),
        formatPercent(clsNmse),
        worst === undefined ? '-' : shortName(worst.name),
        worst === undefined || total === 0 ? '-' : `${Math.round((100 * worst.layerNmse) / total)} %`,
        floats.join(', ') || '-',
      ];
    }),
  );
}

function frontierTable({ frontier, chosen, bound, isSmoothed, model }: TuningResult): string {
  const name = ({ kind, float32 }: FrontierPoint) =>
    kind === 'plain'
      ? 'int8 as it is'
      : `${isSmoothed ? 'smoothed' : 'int8'}, ${float32.length} of ${model.linears} in float32`;
  return formatTable(
    ['plan', 'NMSE', 'CLS NMSE', 'ms/image', 'float32 ms', 'of float32', 'bound'],
    frontier.map((point) => [
      `${name(point)}${point === chosen ? ' (chosen)' : ''}`,
      formatPercent(point.nmse),
      formatPercent(point.clsNmse),
      point.milliseconds.toFixed(0),
      point.float32Milliseconds.toFixed(0),
      (point.milliseconds / point.float32Milliseconds).toFixed(2),
      keepsBound(point, bound) ? 'kept' : 'broken',
    ]),
  );
}

/** `attention.output.dense` of `encoder.layer.3.attention.output.dense`. */
function shortName(name: string): string {
  return name.replace(/^encoder\.layer\.\d+\./, '');
}

/** Tells each stage once, and how far it is where stderr is a terminal. */
function stageProgress(terminal: Terminal) {
  let title = '';
  let progress: Progress | undefined;
  return {
    stage(stage: string): void {
      progress?.stop();
      progress = undefined;
      title = stage;
      terminal.note(`${stage[0]?.toUpperCase()}${stage.slice(1)} ...`);
    },
    step(done: number, total: number): void {
      progress ??= terminal.showProgress(title, total, 'steps');
      progress.update(done);
    },
    stop: () => progress?.stop(),
  };
}
