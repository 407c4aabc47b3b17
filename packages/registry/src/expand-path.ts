import { type Environment, homeFolder } from './cache-folder.js';

/** Python's `expandvars(expanduser(path))` for a leading `~`, `$NAME` and `${NAME}`; `~user` and unknown variables stay as they are. */
export function expandPath(path: string, environment: Environment): string {
  return path
    .replace(/^~(?=$|[\\/])/, () => homeFolder(environment))
    .replace(
      /\$(?:(\w+)|\{([^}]*)\})/g,
      (whole, plain: string | undefined, braced: string | undefined) =>
        environment[plain ?? braced ?? ''] ?? whole,
    );
}
