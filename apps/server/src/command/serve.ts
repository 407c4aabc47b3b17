import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, reportLoading, type Terminal } from '@webssl/command-line';
import { pino } from 'pino';
import { packageFolder } from '../package-folder.js';
import { startServer } from '../start-server.js';
import type { ServeOptions } from './serve-options.js';
import { isLoopback, remoteImagesOf, settingsOf } from './serve-settings.js';

/** `webssl serve`: features over HTTP, until a signal. */
export async function serve(options: ServeOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = await settingsOf(options);
  // Lines are written beside the work; a reader of the log that stalls must not hold up requests.
  const destination = pino.destination({ dest: 1, sync: false });
  const logger = pino({ level: options.logLevel, base: null }, destination);
  const remoteImages = remoteImagesOf(options, settings);
  const checkImage = await readFile(join(packageFolder, 'assets', 'check.jpg'));
  const server = await reportLoading(options, terminal, signal, (loadOptions) =>
    startServer({
      model: options.model,
      encoder: {
        ...loadOptions,
        mode: options.mode,
        maxBatchWait: options.maxBatchWaitMs,
        runDeadline: options.deviceTimeout * 1000,
        // What is never asked for need not be got ready for.
        ...(options.onlyFeatures === undefined ? {} : { features: options.onlyFeatures }),
        ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
      },
      settings,
      host: options.host,
      port: options.port,
      logger,
      checkImage,
      ...(options.apiKeysFile === undefined ? {} : { apiKeysFile: options.apiKeysFile }),
      ...(remoteImages === undefined ? {} : { remoteImages }),
    }),
  );
  terminal.note(
    `Serving ${settings.modelName} at ${server.address} (a page for trying it: ${server.address}/)`,
  );
  if (server.encoder.info.model.synthetic) {
    terminal.note('SYNTHETIC WEIGHTS: random numbers of the true architecture. These features mean nothing.');
  }
  if (!isLoopback(options.host) && options.apiKeysFile === undefined) {
    terminal.note('warning: other machines can reach it, and no API key is asked for (--api-keys-file).');
  }
  void server.ready.then(() => {
    if (!signal.aborted) terminal.note('Ready: a device has computed an image.');
  });
  if (!signal.aborted) await once(signal, 'abort');
  terminal.note('Stopping: no new connections; finishing what is queued.');
  await server.close(options.drainTimeout * 1000);
  destination.flushSync();
  return exitCode.success;
}
