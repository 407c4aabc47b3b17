import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmptyProject } from '../project/empty-project.js';

/**
 * Publishes a package that the registry has once more, under another version and with other text: what an older or newer release would
 * be. The project is only used to work in.
 */
export async function publishOtherVersion(
  project: EmptyProject,
  name: string,
  version: string,
  change: (text: string) => string = (text) => text,
): Promise<void> {
  const folder = `other-${version}`;
  await project.write({ [`${folder}/.keep`]: '' });
  const packed = (await project.succeed('npm', ['pack', name, '--silent'], folder)).trim();
  await project.succeed('tar', ['-xzf', packed], folder);
  const place = join(project.folder, folder, 'package');
  const manifest = JSON.parse(await readFile(join(place, 'package.json'), 'utf8'));
  await writeFile(join(place, 'package.json'), JSON.stringify({ ...manifest, version }));
  for (const file of await readdir(join(place, 'dist'))) {
    if (!file.endsWith('.js')) continue;
    const path = join(place, 'dist', file);
    await writeFile(path, change(await readFile(path, 'utf8')));
  }
  await project.succeed(
    'npm',
    ['publish', '--tag', `test-${version.split('.').join('-')}`],
    `${folder}/package`,
  );
}
