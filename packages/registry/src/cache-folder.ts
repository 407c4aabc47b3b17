import { homedir } from 'node:os';
import { join } from 'node:path';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder of what webssl itself makes and keeps, such as synthetic checkpoints: `$WEBSSL_CACHE`, else
 * `$XDG_CACHE_HOME/webssl`, else `~/.cache/webssl`. It need not exist.
 */
export function cacheFolder(environment: Environment = process.env): string {
  return (
    environment['WEBSSL_CACHE'] ||
    join(environment['XDG_CACHE_HOME'] || join(homeFolder(environment), '.cache'), 'webssl')
  );
}

export function homeFolder(environment: Environment): string {
  return environment['HOME'] || homedir();
}
