import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const python = process.env['WEBSSL_PYTHON'] ?? 'python3';

/** Whether Python (WEBSSL_PYTHON, else `python3`) has a module. */
export async function pythonHas(module: string): Promise<boolean> {
  try {
    await run(python, [
      '-c',
      `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`,
    ]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a Python program against an endpoint, with an empty cache of its own and no way to the real hub. Resolves with the
 * JSON that it prints; an uncaught exception rejects with the traceback.
 */
export async function runPython(
  program: string,
  { endpoint, home, token }: { readonly endpoint: string; readonly home: string; readonly token?: string },
): Promise<unknown> {
  const { stdout } = await run(python, ['-c', program], {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      HF_HOME: home,
      HF_ENDPOINT: endpoint,
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
      HF_HUB_DISABLE_TELEMETRY: '1',
      ...(token !== undefined && { HF_TOKEN: token }),
    },
  });
  return JSON.parse(stdout);
}
