import { open } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { isMissing, messageOf, unreadable } from './file-errors.js';

/** Real ones have under 2 KB. */
const largestBytes = 1_048_576;

/**
 * The content of a JSON file of a checkpoint.
 * @throws WebsslError `CHECKPOINT_FILE_MISSING`, `CHECKPOINT_FILE_UNREADABLE`, `CONFIG_INVALID` (not JSON, or far too large).
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WebsslError({
      code: 'CONFIG_INVALID',
      message: `${path} is not JSON: ${messageOf(cause)}`,
      cause,
      details: { file: path },
    });
  }
}

async function readText(path: string): Promise<string> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > largestBytes) {
        throw new WebsslError({
          code: 'CONFIG_INVALID',
          message: `${path} has ${size} bytes: too many for a configuration (at most ${largestBytes})`,
          details: { file: path, size },
        });
      }
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (WebsslError.isInstance(cause)) throw cause;
    if (!isMissing(cause)) throw unreadable(path, cause);
    throw new WebsslError({
      code: 'CHECKPOINT_FILE_MISSING',
      message: `There is no ${path}. A checkpoint folder holds config.json, preprocessor_config.json and model.safetensors (or its index and shards).`,
      cause,
      details: { file: path },
    });
  }
}
