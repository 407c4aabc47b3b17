import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url));

const groups = ['packages', 'apps', 'runtimes'];

/** A package that goes to the registry. */
export interface PublicPackage {
  readonly name: string;
  readonly version: string;
  /** Relative to the repository, with `/`. */
  readonly folder: string;
  /** Its package.json as it stands in the repository. */
  readonly manifest: unknown;
}

/** Every package of the workspace that is not private, by name. */
export async function publicPackages(): Promise<PublicPackage[]> {
  const folders = await Promise.all(
    groups.map(async (group) => (await readdir(join(repository, group))).map((name) => `${group}/${name}`)),
  );
  const packages = await Promise.all(
    folders.flat().map(async (folder) => {
      const manifest = JSON.parse(await readFile(join(repository, folder, 'package.json'), 'utf8'));
      return manifest.private === true
        ? []
        : [{ name: manifest.name, version: manifest.version, folder, manifest }];
    }),
  );
  return packages.flat().sort((one, other) => one.name.localeCompare(other.name));
}
