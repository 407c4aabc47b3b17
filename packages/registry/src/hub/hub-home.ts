import { join } from 'node:path';
import { type Environment, homeFolder } from '../cache-folder.js';
import { expandPath } from '../expand-path.js';

/**
 * The folder where the Hugging Face tools keep what is theirs: `$HF_HOME`, else `$XDG_CACHE_HOME/huggingface`, else
 * `~/.cache/huggingface`. Empty variables count as unset.
 */
export function hubHome(environment: Environment): string {
  const home =
    environment['HF_HOME'] ||
    join(environment['XDG_CACHE_HOME'] || join(homeFolder(environment), '.cache'), 'huggingface');
  return expandPath(home, environment);
}
