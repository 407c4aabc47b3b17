import {
  imageSizeOption,
  modelHelp,
  parseNames,
  referenceModel,
  type Terminal,
  withHubOptions,
} from '@webssl/command-line';
import { type Command, Option } from 'commander';
import type { ExportOmOptions } from './commands/export-om.js';
import { parseBatches } from './evaluation/arguments.js';

/** `webssl export ...`: models in the forms that devices want. */
export function addExportCommands(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  finish: (code: number) => void,
): void {
  const commands = program.command('export').description('models in the form that a device wants');
  withHubOptions(
    commands
      .command('om')
      .description('an offline model for Ascend NPUs, compiled by atc; without atc, all that it needs')
      .option('--model <model>', `${modelHelp}; fetched when it is not on disk`, referenceModel),
  )
    .option('--soc <name>', 'SoC such as Ascend910B4, or auto for the one of this machine', 'auto')
    .option('--batch <sizes>', 'batch sizes to compile for, with commas', parseBatches, [1, 4, 8, 16])
    .addOption(
      new Option(
        '--precision <precision>',
        'number format; mixed is fp16 where the compiler holds it harmless',
      )
        .choices(['fp32', 'fp16', 'mixed'])
        .default('fp32'),
    )
    .addOption(
      new Option(
        '--features <names>',
        'what the model is to give; last_hidden_state serves cls, mean and patches too',
      )
        .argParser(parseNames)
        .default(['last_hidden_state'], 'last_hidden_state'),
    )
    .addOption(imageSizeOption())
    .addOption(
      new Option(
        '--host-cpu <cpu>',
        'processor of the machine that is going to run it (default: that of this one)',
      ).choices(['x64', 'arm64']),
    )
    .option('--compiler <file>', 'path of atc (default: on the path, then where CANN is installed)')
    .option('--onnx-only', 'write the graph and print the command, also where atc is', false)
    .option('--out <folder>', 'folder to make')
    .option('--adopt <folder>', 'take a folder that was made elsewhere into the cache of this machine')
    .addHelpText(
      'after',
      `
Examples:
  webssl export om --out offline-model
  webssl export om --soc Ascend310P3 --precision fp16 --batch 8 --features cls --out cls-fp16
  webssl export om --adopt offline-model

Devices compile by themselves where atc is. This is for those without it: make the folder where atc is, copy it, adopt it.`,
    )
    .action(async (options: ExportOmOptions, command: Command) => {
      if ((options.out === undefined) === (options.adopt === undefined)) {
        command.error('error: name the folder to make with --out, or one to take with --adopt');
      }
      const others = givenOptions(command).filter((name) => name !== '--adopt');
      if (options.adopt !== undefined && others.length > 0) {
        command.error(
          `error: --adopt takes a model as it was made; leave out ${others.join(', ')}, which are for making one`,
        );
      }
      const { exportOm } = await import('./commands/export-om.js');
      finish(await exportOm(options, terminal, signal));
    });
}

/** The options that stand on the command line. */
function givenOptions(command: Command): readonly string[] {
  return command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map((option) => option.long ?? option.flags);
}
