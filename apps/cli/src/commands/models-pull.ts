import { WebsslError } from '@webssl/backend';
import { formatBytes, type HubOptions, hubOptions, PullReporter, type Terminal } from '@webssl/command-line';
import { pullModel } from '@webssl/registry';
import { exitCode } from '../exit-code.js';

export interface PullModelOptions extends HubOptions {
  readonly connections?: number;
  readonly json: boolean;
}

/** `webssl models pull`: a model into the Hugging Face cache. With `--json` every event is a line on stdout. */
export async function printPull(
  model: string,
  { connections, json, ...options }: PullModelOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const reporter = new PullReporter(terminal);
  try {
    const { id, folder, revision, bytes } = await pullModel(model, {
      ...hubOptions(options),
      ...(connections === undefined ? {} : { connections }),
      signal,
      onPull: json ? (event) => terminal.result(JSON.stringify(event)) : reporter.report,
    });
    reporter.stop();
    terminal.result(
      json
        ? JSON.stringify({ kind: 'done', id, commit: revision, folder, weightBytes: bytes })
        : `${id} at ${revision}: ${formatBytes(bytes)} of weights in ${folder}`,
    );
    return exitCode.success;
  } catch (error) {
    if (json && WebsslError.isInstance(error)) {
      const { code, message } = error;
      terminal.result(JSON.stringify({ kind: 'error', code, message }));
    }
    throw error;
  } finally {
    reporter.stop();
  }
}
