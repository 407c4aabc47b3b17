import {
  imageSizeOption,
  modelHelp,
  offlineModelOption,
  parseCount,
  parseNames,
  referenceModel,
  type Terminal,
  withHubOptions,
} from '@webssl/command-line';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AccuracyCommandOptions } from './commands/accuracy.js';
import type { CheckOptions } from './commands/check.js';
import type { EvaluateCommandOptions } from './commands/evaluate.js';
import type { PerformanceCommandOptions } from './commands/performance.js';
import type { TuneCommandOptions } from './commands/tune.js';
import {
  collect,
  parseBatches,
  parsePictureFile,
  parsePositiveNumber,
  parseRatio,
  parseSeconds,
  parseWhole,
} from './evaluation/arguments.js';

const deviceForm =
  'cpu, cpu:int8, cpu:tuned, cpu:bf16, npu, <backend>[:<precision>][@<index>], or a module such as ./my-backend.js';
const exitCodes =
  '\nExit codes: 0 PASS, 1 FAIL, 2 no verdict (wrong command line, device or model not to be had), 130 interrupted.';

/** `accuracy`, `perf`, `check`, `evaluate`, `tune`: whether a device is right, and how fast it is. */
export function addEvaluationCommands(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  finish: (code: number) => void,
): void {
  withComparison(
    withModel(
      program.command('accuracy').description('compare the features of one device with those of another'),
    ),
  )
    .option('--candidate <device>', `device to be checked: ${deviceForm}`)
    .option('--max-nmse <ratio>', 'bound: 0.01, 1%, or fp32, fp16, int8 (default: 1%)', parseRatio)
    .option(
      '--compare <files...>',
      'compare two safetensors files made elsewhere, the reference first; no device is used',
    )
    .addHelpText(
      'after',
      `
Examples:
  webssl accuracy --reference cpu --candidate npu | tee accuracy_log.txt
  webssl accuracy photos/ --candidate acl-native:fp16 --layers --max-nmse fp16
  webssl accuracy --candidate cpu --candidate-threads 1 --save tensors
  webssl accuracy --compare reference.safetensors candidate.safetensors

On a terminal it prints tables; into a pipe or file a log, one record a line.
${exitCodes}`,
    )
    .action(async (images: string[], options: AccuracyCommandOptions) => {
      const { accuracy } = await import('./commands/accuracy.js');
      finish(await accuracy(images, options, terminal, signal));
    });

  withMeasuring(withModel(program.command('perf').description('measure the speed of one device or several')))
    .option(
      '--device <device>',
      `device to measure: ${deviceForm}; several times for several, the first is the reference (default: cpu)`,
      collect,
    )
    .addHelpText(
      'after',
      `
Examples:
  webssl perf --device cpu --device npu --batch 1,4,8,16 | tee perf_log.txt
  webssl perf photos/ --device npu --end-to-end --concurrency 2

On a terminal it prints tables; into a pipe or file a log, one record a line.
${exitCodes}`,
    )
    .action(async (images: string[], options: PerformanceCommandOptions) => {
      const { performance } = await import('./commands/performance.js');
      finish(await performance(images, options, terminal, signal));
    });

  withThresholds(
    program
      .command('check')
      .description('PASS or FAIL over the logs of accuracy and perf')
      .argument('[logs...]', 'log files, - for stdin; without any, stdin'),
  )
    .addOption(
      new Option('--expect <kinds>', 'runs that the logs must hold: accuracy, performance, comparison')
        .argParser(parseKinds)
        .default(['accuracy', 'performance'], 'accuracy,performance'),
    )
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  webssl check accuracy_log.txt perf_log.txt
  cat accuracy_log.txt perf_log.txt | webssl check --max-nmse fp16 --min-speedup 10
  webssl check accuracy_log.txt --expect accuracy --thresholds thresholds.json
${exitCodes}`,
    )
    .action(async (logs: string[], options: CheckOptions) => {
      const { check } = await import('./commands/check.js');
      finish(await check(logs, options, terminal, signal));
    });

  withThresholds(
    withMeasuring(
      withComparison(
        withModel(
          program.command('evaluate').description('accuracy, speed, verdict and a report of one device'),
        ),
      ),
    ),
  )
    .requiredOption('--candidate <device>', `device to be evaluated: ${deviceForm}`)
    .option('--out <folder>', 'folder for report.html, report.md, results.json and log.txt', 'results')
    .addHelpText(
      'after',
      `
Examples:
  webssl evaluate --candidate npu --out results
  webssl evaluate photos/ --candidate acl-native:fp16@1 --batch 1,4,8,16 --layers --min-speedup 10
  webssl evaluate --candidate cpu --candidate-threads 1
${exitCodes}`,
    )
    .action(async (images: string[], options: EvaluateCommandOptions) => {
      const { evaluateDevice } = await import('./commands/evaluate.js');
      finish(await evaluateDevice(images, options, terminal, signal));
    });

  withHubOptions(
    program
      .command('tune')
      .description('find out which layers can compute in int8 on this CPU, measured on your images')
      .argument(
        '[images...]',
        'image files, folders or quoted patterns; without any, two synthetic test images',
      )
      .option('--images <images...>', 'more of them')
      .option('--model <model>', `${modelHelp}; fetched when it is not on disk`, referenceModel),
  )
    .addOption(imageSizeOption())
    .option(
      '--max-nmse <ratio>',
      'bound for the full state and CLS of every image: 0.005, 0.5% (default: 0.5%)',
      parseRatio,
    )
    .option('--threads <count>', 'threads of the CPU', parseCount)
    .option('--picture <file>', 'SVG of error against time', parsePictureFile, 'webssl-tune.svg')
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
Measures how much of the error each layer and each linear layer causes in int8, keeps in float32 what costs most accuracy for least
time, and stores the plan that --device cpu:tuned uses. While it runs, the cache needs room for one and a half times the weights.

Examples:
  webssl tune photos/ --model facebook/webssl-mae700m-full2b-224 --max-nmse 0.5%
  webssl embed photos/ --device cpu:tuned --out features.safetensors
${exitCodes}`,
    )
    .action(async (images: string[], options: TuneCommandOptions) => {
      const { tune } = await import('./commands/tune.js');
      finish(await tune(images, options, terminal, signal));
    });
}

function withModel(command: Command): Command {
  return withHubOptions(
    command
      .argument(
        '[images...]',
        'image files, folders or quoted patterns; without any, two synthetic test images',
      )
      .option('--model <model>', `${modelHelp}; fetched when it is not on disk`, referenceModel),
  )
    .addOption(imageSizeOption())
    .option('--batch <sizes>', 'batch sizes, with commas (default: 1,2 for accuracy, else 1,4)', parseBatches)
    .option('--threads <count>', 'threads of a CPU device', parseCount)
    .addOption(modeOption('--mode <mode>', 'of a CPU device: coldStart or throughput'))
    .option('--candidate-threads <count>', 'threads of a CPU that is not the reference', parseCount)
    .addOption(modeOption('--candidate-mode <mode>', 'mode of a CPU that is not the reference'))
    .addOption(offlineModelOption())
    .option('--json', 'print records as lines of JSON', false);
}

function withComparison(command: Command): Command {
  return command
    .option('--reference <device>', `device to compare with: ${deviceForm}`, 'cpu')
    .option('--layers', 'compare also after the embeddings and after every layer', false)
    .option('--stability <runs>', 'run each image so often, at least twice, and compare the runs', parseCount)
    .option('--save <folder>', 'keep both sides’ tensors: reference.safetensors, candidate.safetensors');
}

function withMeasuring(command: Command): Command {
  return command
    .option('--warmup <runs>', 'runs before each measurement (default: 1)', parseWhole)
    .option('--min-time <seconds>', 'shortest measurement (default: 3)', parseSeconds)
    .option('--iterations <count>', 'fewest runs of a measurement (default: 5)', parseCount)
    .option('--concurrency <runs>', 'runs in flight at once (default: 1)', parseCount)
    .option('--end-to-end', 'also measure from file to feature', false);
}

function withThresholds(command: Command): Command {
  return command
    .option('--thresholds <file>', 'JSON file with bounds; options win over it')
    .option(
      '--max-nmse <ratio>',
      'bound: 0.01, 1%, or fp32, fp16, int8 (default: that of the run, 1%)',
      parseRatio,
    )
    .option(
      '--min-throughput <images>',
      'images a second of the candidate in its best batch',
      parsePositiveNumber,
    )
    .option(
      '--max-latency <milliseconds>',
      'median of the candidate in the smallest batch',
      parsePositiveNumber,
    )
    .option(
      '--min-speedup <factor>',
      'images a second of the candidate over the reference at batch 1',
      parsePositiveNumber,
    )
    .option('--require-stable', 'fail when a measurement is unstable', false)
    .option(
      '--require-compared-batches',
      'fail when a batch size was measured whose answers were not compared',
      false,
    );
}

function modeOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(['coldStart', 'throughput']);
}

const kinds = ['accuracy', 'performance', 'comparison'];

function parseKinds(text: string): string[] {
  const names = parseNames(text);
  if (!names.every((name) => kinds.includes(name))) {
    throw new InvalidArgumentError(`Write some of ${kinds.join(', ')}, with commas.`);
  }
  return names;
}
