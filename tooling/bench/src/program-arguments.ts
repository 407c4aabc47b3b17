import { parseArgs } from 'node:util';

/**
 * The options `--name value` that this program was started with.
 *
 * @throws Error when one is missing or there is another
 */
export function programArguments<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  for (const name of names) {
    if (typeof values[name] !== 'string') throw new Error(`--${name} is missing`);
  }
  return values as Record<Name, string>;
}
