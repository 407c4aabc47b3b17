import { readFileSync } from 'node:fs';
import {
  exifOption,
  imageSizeOption,
  modelHelp,
  parseCount,
  parseNames,
  referenceModel,
  resizeOption,
  type Terminal,
  withDeviceOptions,
  withHubOptions,
} from '@webssl/command-line';
import { addServeCommands } from '@webssl/server/command';
import { Command, Option } from 'commander';
import type { DevicesOptions } from './commands/devices.js';
import type { EmbedOptions } from './commands/embed.js';
import type { PreprocessOptions } from './commands/preprocess.js';
import { addEvaluationCommands } from './program-evaluation.js';
import { addExportCommands } from './program-export.js';
import { addModelCommands } from './program-models.js';

/**
 * The commands and their options. Each command's code is loaded when it runs, so that help and listings are quick.
 *
 * @param finish called with the exit code of the command that ran
 */
export function createProgram(
  terminal: Terminal,
  signal: AbortSignal,
  finish: (code: number) => void,
): Command {
  const program = new Command('webssl')
    .description('Web-SSL vision encoders: images to features, from the original safetensors files.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(webssl --help shows how)')
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
    });

  program.addHelpText(
    'after',
    `
Examples:
  webssl embed photo.jpg --model random:facebook/webssl-mae300m-full2b-224
  webssl embed photos/ --model ./webssl-mae700m-full2b-224 --features cls,mean --out features.safetensors
  webssl evaluate --candidate npu --out results
  webssl models list
  webssl help embed`,
  );

  withDeviceOptions(
    withHubOptions(
      program
        .command('embed')
        .description('write the features of images')
        .argument(
          '[images...]',
          'image files, folders or quoted patterns; without any, an example photograph',
        )
        .option('--model <model>', `${modelHelp}; fetched when it is not on disk`, referenceModel),
    ),
  )
    .addOption(
      new Option(
        '--mode <mode>',
        'CPU: coldStart starts at once; throughput packs the weights first, for many images',
      )
        .choices(['coldStart', 'throughput'])
        .default('coldStart'),
    )
    .option('--batch <count>', 'images in one call to the device', parseCount)
    .addOption(
      new Option(
        '--features <names>',
        'cls, mean, patches, last_hidden_state, hidden_states.<k>, attentions.<k>; several with commas',
      )
        .argParser(parseNames)
        .default(['cls'], 'cls'),
    )
    .option('--normalize', 'divide each feature vector by its L2 norm', false)
    .option('--out <file>', 'ends in .safetensors, .npy, .json or .jsonl (default: features.safetensors)')
    .option('--json', 'print one JSON object an image; without --out it holds the features', false)
    .addHelpText(
      'after',
      `
Examples:
  webssl embed photo.jpg --model ./webssl-mae700m-full2b-224
  webssl embed photos/ "more/**/*.png" --features cls,mean --normalize --out features.safetensors
  webssl embed photo.jpg --model random:facebook/webssl-mae300m-full2b-224 --json
  webssl embed photos/ --device npu

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 some images failed, 130 interrupted.`,
    )
    .action(async (images: string[], options: EmbedOptions) => {
      const { embed } = await import('./commands/embed.js');
      finish(await embed(images, options, terminal, signal));
    });

  withHubOptions(
    program
      .command('preprocess')
      .description('write what the model sees of an image')
      .argument('<image>', 'image file')
      .option('--model <model>', modelHelp, referenceModel),
  )
    .addOption(imageSizeOption())
    .addOption(exifOption())
    .addOption(resizeOption())
    .requiredOption('--out <file>', 'ends in .safetensors (tensor pixel_values) or .png (the resized crop)')
    .addHelpText(
      'after',
      `
Examples:
  webssl preprocess photo.jpg --model ./webssl-mae700m-full2b-224 --out seen.png
  webssl preprocess photo.jpg --model ./webssl-mae700m-full2b-224 --out pixels.safetensors`,
    )
    .action(async (image: string, options: PreprocessOptions) => {
      const { preprocess } = await import('./commands/preprocess.js');
      finish(await preprocess(image, options, terminal, signal));
    });

  program
    .command('devices')
    .description('list the backends and their devices, and why one cannot be used')
    .option('--json', 'print one JSON object', false)
    .action(async (options: DevicesOptions) => {
      const { listDevices } = await import('./commands/devices.js');
      finish(await listDevices(options, terminal));
    });

  addServeCommands(program, terminal, signal, finish);
  addEvaluationCommands(program, terminal, signal, finish);
  addModelCommands(program, terminal, signal, finish);
  addExportCommands(program, terminal, signal, finish);
  return program;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return version;
}
