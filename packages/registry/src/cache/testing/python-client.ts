import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** A Python with `huggingface_hub`: `WEBSSL_PYTHON`, else `python3`. */
export const python = process.env['WEBSSL_PYTHON'] || 'python3';

/** What the name of a test that needs the Python client is to say when it is skipped; undefined where there is one. */
export const pythonObstacle = findObstacle();

function findObstacle(): string | undefined {
  try {
    execFileSync(python, ['-c', 'import huggingface_hub'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `skipped: ${python} has no huggingface_hub; WEBSSL_PYTHON may name another`;
  }
}

/** What a Python program prints, with arguments as `sys.argv[1:]`; a warning is an error. */
export async function runPython(
  program: string,
  parameters: readonly string[],
  { offline = true } = {},
): Promise<string> {
  const environment = {
    ...process.env,
    HF_HUB_OFFLINE: offline ? '1' : '0',
    HF_HUB_DISABLE_TELEMETRY: '1',
    NO_PROXY: '127.0.0.1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    HF_HUB_DISABLE_SYMLINKS_WARNING: '1',
  };
  const { stdout, stderr } = await promisify(execFile)(python, ['-c', program, ...parameters], {
    env: environment,
  });
  if (stderr !== '') throw new Error(stderr);
  return stdout.trim();
}
