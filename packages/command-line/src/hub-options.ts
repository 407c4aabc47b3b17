import type { OpenCheckpointOptions } from '@webssl/registry';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The options that say where a model comes from and where it is kept. */
export interface HubOptions {
  readonly revision?: string;
  readonly endpoint?: string;
  readonly cacheDir?: string;
  readonly tokenFile?: string;
  readonly offline: boolean;
}

/** Adds the options of models that may have to be fetched. */
export function withHubOptions(command: Command): Command {
  return withPlaceOptions(command)
    .option('--endpoint <url>', 'hub or mirror (default: HF_ENDPOINT, else https://huggingface.co)')
    .option(
      '--token-file <file>',
      'file with the access token (default: HF_TOKEN, else the token of hf login)',
    )
    .addOption(
      new Option('--offline', 'use only what is on disk (also HF_HUB_OFFLINE=1)').default(false, 'false'),
    );
}

/** Adds the options of models that are looked for on disk only. */
export function withPlaceOptions(command: Command): Command {
  return withCacheOption(command).option(
    '--revision <revision>',
    'branch, tag or commit of 40 digits (default: the catalogue’s, else main)',
  );
}

/** Adds the option that says where models are kept. */
export function withCacheOption(command: Command): Command {
  return command.option(
    '--cache-dir <folder>',
    'Hugging Face cache (default: HF_HUB_CACHE, else $HF_HOME/hub, else ~/.cache/huggingface/hub)',
    parseFolder,
  );
}

/** What an unset variable of a shell leaves would mean the current folder. */
function parseFolder(text: string): string {
  if (text === '') throw new InvalidArgumentError('Name a folder.');
  return text;
}

/** The same for the library. */
export function hubOptions({
  revision,
  endpoint,
  cacheDir,
  tokenFile,
  offline,
}: Partial<HubOptions>): Pick<
  OpenCheckpointOptions,
  'revision' | 'endpoint' | 'hubCacheFolder' | 'tokenFile' | 'offline'
> {
  return {
    ...(revision === undefined ? {} : { revision }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(cacheDir === undefined ? {} : { hubCacheFolder: cacheDir }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(offline === true ? { offline } : {}),
  };
}
