import {
  checkpointProgress,
  type HubOptions,
  hubOptions,
  type Progress,
  PullReporter,
  quantizeProgress,
  type Terminal,
} from '@webssl/command-line';
import { measureModel } from '@webssl/evaluation';
import { examplePhotograph, otherPhotograph } from '../example-photographs.js';
import { exitCode } from '../exit-code.js';
import { findImages } from '../find-images.js';
import { formatTable } from '../table.js';

export interface ModelStatisticsOptions extends HubOptions {
  readonly device: string;
  readonly images?: readonly string[];
  readonly threads?: number;
  readonly json: boolean;
}

/** `webssl models statistics`: whether every layer of a model matters and looks at something. */
export async function printModelStatistics(
  model: string,
  { images, json, device, threads, ...place }: ModelStatisticsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  let progress: Progress | undefined;
  const reporter = new PullReporter(terminal);
  const statistics = await measureModel(model, {
    ...hubOptions(place),
    device,
    ...(threads === undefined ? {} : { threads }),
    signal,
    onPull: reporter.report,
    images: images === undefined ? [examplePhotograph, otherPhotograph] : await findImages(images),
    onProgress: checkpointProgress(terminal),
    onQuantizeProgress: quantizeProgress(terminal),
    onLayer: (done, total) => {
      progress ??= terminal.showProgress('Measuring', total, 'layers');
      progress.update(done);
    },
  }).finally(() => {
    progress?.stop();
    reporter.stop();
  });
  if (json) {
    terminal.result(JSON.stringify(statistics));
    return exitCode.success;
  }
  const { attentionEntropy, effectOfLeavingOut, largestClsCosine } = statistics;
  terminal.result(
    formatTable(
      ['layer', 'attention entropy / log(tokens)', 'NMSE when left out'],
      attentionEntropy.map((entropy, layer) => [
        layer,
        entropy.toFixed(3),
        (effectOfLeavingOut[layer] ?? Number.NaN).toExponential(2),
      ]),
    ),
  );
  if (images === undefined)
    terminal.note('No images named: measured on two example photographs (a rocket launch and a cat, CC0).');
  terminal.result(`\nattention entropy: ${range(attentionEntropy, (value) => value.toFixed(3))}`);
  terminal.result(
    `NMSE when one layer is left out: ${range(effectOfLeavingOut, (value) => value.toExponential(2))}`,
  );
  terminal.result(`largest cosine between CLS features of two images: ${largestClsCosine.toFixed(3)}`);
  if (statistics.model.synthetic)
    terminal.result('SYNTHETIC WEIGHTS: random numbers of the true architecture.');
  return exitCode.success;
}

function range(values: readonly number[], format: (value: number) => string): string {
  return `${format(Math.min(...values))} to ${format(Math.max(...values))}`;
}
