import {
  deviceHelp,
  modelHelp,
  parseCount,
  parsePort,
  type Terminal,
  withCacheOption,
  withHubOptions,
  withPlaceOptions,
} from '@webssl/command-line';
import { Argument, type Command, Option } from 'commander';
import type { ModelStatisticsOptions } from './commands/model-statistics.js';
import type { ListModelsOptions } from './commands/models-list.js';
import type { PullModelOptions } from './commands/models-pull.js';
import type { RemoveModelOptions } from './commands/models-remove.js';
import type { ServeModelsOptions } from './commands/models-serve.js';
import type { ShowModelOptions } from './commands/models-show.js';
import type { VerifyModelOptions } from './commands/models-verify.js';

/** `webssl models ...`: what exists, what is on disk, and how it gets there. */
export function addModelCommands(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  finish: (code: number) => void,
): void {
  const models = program.command('models').description('the Web-SSL models: find, fetch, verify, remove');
  const model = () => new Argument('<model>', modelHelp);
  const repository = () => new Argument('<model>', 'catalogue id or hub id');

  withCacheOption(models.command('list').description('all models of the catalogue, and what is on disk'))
    .option('--json', 'print JSON', false)
    .action(async (options: ListModelsOptions) => {
      const { listModels } = await import('./commands/models-list.js');
      finish(await listModels(options, terminal));
    });
  withPlaceOptions(models.command('show').description('what is known about one model').addArgument(model()))
    .option('--json', 'print JSON', false)
    .action(async (reference: string, options: ShowModelOptions) => {
      const { showModel } = await import('./commands/models-show.js');
      finish(await showModel(reference, options, terminal));
    });
  withPlaceOptions(
    models.command('path').description('print the folder of a model that is on disk').addArgument(model()),
  ).action(async (reference: string, options: ShowModelOptions) => {
    const { printModelPath } = await import('./commands/models-show.js');
    finish(await printModelPath(reference, options, terminal));
  });
  withHubOptions(
    models
      .command('pull')
      .description('fetch a model from the hub or a mirror; goes on where an earlier try ended')
      .addArgument(repository()),
  )
    .option(
      '--connections <count>',
      'parts of a large file that are fetched at once (default: 4)',
      parseCount,
    )
    .option('--json', 'print every event as a line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  webssl models pull facebook/webssl-mae700m-full2b-224
  HF_ENDPOINT=https://hf-mirror.com webssl models pull webssl-mae300m-full2b-224
  webssl models pull some-org/some-vit --revision v1 --token-file token.txt`,
    )
    .action(async (reference: string, options: PullModelOptions) => {
      const { printPull } = await import('./commands/models-pull.js');
      finish(await printPull(reference, options, terminal, signal));
    });
  withHubOptions(
    models
      .command('verify')
      .description('hash the files of a model again and compare; without a model: of all on disk')
      .argument('[model]', 'catalogue id or hub id'),
  )
    .option('--repair', 'fetch damaged and missing files again', false)
    .option('--json', 'print JSON', false)
    .action(async (reference: string | undefined, options: VerifyModelOptions) => {
      const { verifyModels } = await import('./commands/models-verify.js');
      finish(await verifyModels(reference, options, terminal, signal));
    });
  withCacheOption(
    models
      .command('remove')
      .description(
        'delete a model from disk: all its revisions, parts of unfinished downloads, its int8 weights and plans',
      )
      .addArgument(model())
      .addOption(
        new Option('--derived', 'only its int8 weights and plans; the model may be a folder too').conflicts(
          'revision',
        ),
      )
      .option('--revision <revision>', 'only this branch, tag or commit'),
  ).action(async (reference: string, options: RemoveModelOptions) => {
    const { printRemoval } = await import('./commands/models-remove.js');
    finish(await printRemoval(reference, options, terminal));
  });
  withCacheOption(
    models
      .command('serve')
      .description(
        'offer the cache as a hub, for machines without internet (HF_ENDPOINT=http://<host>:<port>)',
      ),
  )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on', parsePort, 8750)
    .option('--token-file <file>', 'ask clients for the token in this file')
    .action(async (options: ServeModelsOptions) => {
      const { serveModels } = await import('./commands/models-serve.js');
      finish(await serveModels(options, terminal, signal));
    });
  withHubOptions(
    models
      .command('statistics')
      .description('attention entropy, effect of each layer and CLS similarity on some images')
      .addArgument(model()),
  )
    .option('--images <images...>', 'at least two image files; without, two example photographs')
    .option('--device <device>', deviceHelp, 'cpu')
    .option('--threads <count>', 'threads of the CPU device', parseCount)
    .option('--json', 'print JSON', false)
    .action(async (reference: string, options: ModelStatisticsOptions) => {
      const { printModelStatistics } = await import('./commands/model-statistics.js');
      finish(await printModelStatistics(reference, options, terminal, signal));
    });
}
