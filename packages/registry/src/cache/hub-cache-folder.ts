import { join } from 'node:path';
import type { Environment } from '../cache-folder.js';
import { expandPath } from '../expand-path.js';
import { hubHome } from '../hub/hub-home.js';

/**
 * The folder of the Hugging Face cache, as its Python client finds it: `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`,
 * else `$HF_HOME/hub`, else `$XDG_CACHE_HOME/huggingface/hub`, else `~/.cache/huggingface/hub`. A leading `~` and
 * `$NAME`, `${NAME}` are replaced; `~user` is not. Empty variables count as unset.
 */
export function hubCacheFolder(environment: Environment = process.env): string {
  const named = environment['HF_HUB_CACHE'] || environment['HUGGINGFACE_HUB_CACHE'];
  return named ? expandPath(named, environment) : join(hubHome(environment), 'hub');
}
