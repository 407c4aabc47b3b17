import {
  modelHelp,
  parseCount,
  parseNames,
  parsePort,
  referenceModel,
  type Terminal,
  withDeviceOptions,
  withHubOptions,
} from '@webssl/command-line';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addLimits, parseSeconds } from './limit-options.js';
import type { ServeOptions } from './serve-options.js';

/** Errors of these commands that the command line can be blamed for. */
export const serveUsageErrors: readonly string[] = [
  'SERVER_LIMIT_INVALID',
  'SERVER_OPTION_INVALID',
  'IMAGE_URL_OPTION_INVALID',
  'API_KEY_OPTION_INVALID',
  'TELEMETRY_VARIABLE_INVALID',
];

/**
 * Adds `serve` and `create-key` to a program. Their code is loaded when they run.
 *
 * @param finish called with the exit code of the command that ran
 * @param isDefault whether `serve` is meant where no command is named
 */
export function addServeCommands(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  finish: (code: number) => void,
  { isDefault = false }: { readonly isDefault?: boolean } = {},
): void {
  const serve = withDeviceOptions(
    withHubOptions(
      program
        .command('serve', { isDefault })
        .description('answer requests for features over HTTP')
        .option('--model <model>', `${modelHelp}; fetched when it is not on disk`, referenceModel),
    ),
  )
    .addOption(
      new Option('--mode <mode>', 'CPU: throughput packs the weights first; coldStart is up at once')
        .choices(['coldStart', 'throughput'])
        .default('throughput'),
    )
    .option('--sessions <count>', 'sessions on each device; those of a CPU share its threads', parseCount)
    .option(
      '--device-timeout <seconds>',
      'a session that takes longer for one image is replaced',
      parseSeconds,
      60,
    )
    .option('--host <host>', 'address to listen on; 0.0.0.0 or :: lets other machines in', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 lets the system choose', parsePort, 8000)
    .option('--served-model-name <name>', 'id under which the model is served (default: the model’s own)')
    .addOption(
      new Option('--feature <name>', 'what /v1/embeddings gives, and /v1/features where none is named')
        .choices(['cls', 'mean'])
        .default('cls'),
    )
    .option('--normalize', 'divide feature vectors by their L2 norm where a request does not say', false)
    .option(
      '--only-features <names>',
      'the only features that are computed, with commas (default: all; other layers open a second session)',
      parseNames,
    );
  addLimits(serve)
    .option(
      '--max-batch-wait-ms <milliseconds>',
      'how long a batch that is not full waits for more images though the device is free',
      parseMilliseconds,
      0,
    )
    .option('--api-keys-file <file>', 'answer only who has one of these keys; create-key makes them')
    .option('--images-per-minute <count>', 'rate of each client whose key does not say otherwise', parseCount)
    .option('--cors-origin <origin>', 'web pages of this origin may ask; repeatable', collect, [])
    .option('--host-name <name>', 'name under which clients reach the server; repeatable', collect, [])
    .option(
      '--trust-proxy <address>',
      'believe X-Forwarded-For of this address or network; repeatable',
      collect,
      [],
    )
    .option('--allow-url-host <host>', 'fetch images from this host; repeatable', collect, [])
    .option('--allow-http-urls', 'fetch images over http too', false)
    .option('--tls-cert <file>', 'certificate chain (PEM): serve https')
    .option('--tls-key <file>', 'private key (PEM)')
    .option('--drain-timeout <seconds>', 'after SIGTERM: how long to finish what is queued', parseSeconds, 30)
    .addOption(
      new Option('--log-level <level>', 'least level of the log on stdout, a JSON object a line')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addHelpText(
      'after',
      `
Examples:
  ${isDefault ? 'webssl-server' : 'webssl serve'} --model ./webssl-mae700m-full2b-224 --port 8000
  curl --data-binary @photo.jpg -H 'content-type: image/jpeg' http://127.0.0.1:8000/v1/features

Exit codes: 0 stopped in order, 1 failed, 2 wrong command line, 130 interrupted before it was up.`,
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.js');
      finish(await serve(options, terminal, signal));
    });
  program
    .command('create-key')
    .description('make an API key for serve --api-keys-file')
    .argument('<name>', 'who it is for: letters, digits, dots, hyphens and underscores')
    .option('--images-per-minute <count>', 'rate of this key', parseCount)
    .addHelpText(
      'after',
      `
Prints the key on stderr, once, and the line for the keys file, which holds only its hash, on stdout:
  ${isDefault ? 'webssl-server' : 'webssl'} create-key camera-7 >> keys.txt`,
    )
    .action(async (name: string, options: { readonly imagesPerMinute?: number }) => {
      const { createApiKey } = await import('../access/api-key.js');
      const { key, line } = createApiKey(name, options);
      terminal.result(line);
      terminal.note(`The key of ${name}, which is shown only now: ${key}`);
      finish(0);
    });
}

function collect(text: string, before: readonly string[]): readonly string[] {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return [...before, text];
}

function parseMilliseconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Write milliseconds, from 0 to 99999.');
  return Number(text);
}
