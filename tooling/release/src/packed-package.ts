import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseTarGzip } from 'nanotar';
import { type PublicPackage, repository } from './public-packages.js';

/** A package as the registry would get it. */
export interface PackedPackage {
  readonly tarball: Uint8Array<ArrayBuffer>;
  /** By their paths in the package. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Sum of the files, in bytes. */
  readonly unpackedBytes: number;
}

/** Packs a package with pnpm, as a release does. */
export async function packPackage({ folder }: PublicPackage): Promise<PackedPackage> {
  const place = await mkdtemp(join(tmpdir(), 'packed-'));
  try {
    const parameters = ['--filter', `./${folder}`, 'pack', '--pack-destination', place];
    await promisify(execFile)(
      process.execPath,
      [join(repository, 'tooling', 'repository', 'pnpm.mjs'), ...parameters],
      { cwd: repository },
    );
    const [name = ''] = await readdir(place);
    return await unpack(new Uint8Array(await readFile(join(place, name))));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function unpack(tarball: Uint8Array<ArrayBuffer>): Promise<PackedPackage> {
  const entries = await parseTarGzip(tarball);
  const files = new Map<string, Uint8Array>();
  for (const { name, data } of entries)
    if (data !== undefined) files.set(name.replace(/^package\//, ''), data);
  const unpackedBytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { tarball, files, unpackedBytes };
}
