import { contentProblems } from './content-rules.js';
import { manifestProblems } from './manifest-rules.js';
import { packPackage } from './packed-package.js';
import type { PublicPackage } from './public-packages.js';
import { publintProblems } from './publint-problems.js';
import { sizeProblems } from './size-rules.js';
import { typeProblems } from './type-resolution.js';

/** A package, how large it is and what is wrong with it. */
export interface CheckedPackage {
  readonly name: string;
  readonly version: string;
  readonly files: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly problems: readonly string[];
}

/** Packs a package and looks at what came out. */
export async function checkPackage(
  one: PublicPackage,
  bounds: Readonly<Record<string, number>>,
): Promise<CheckedPackage> {
  const { tarball, files, unpackedBytes } = await packPackage(one);
  return {
    name: one.name,
    version: one.version,
    files: files.size,
    packedBytes: tarball.byteLength,
    unpackedBytes,
    problems: [
      ...manifestProblems(one),
      ...contentProblems(files),
      ...sizeProblems(one.name, unpackedBytes, bounds),
      ...(await publintProblems(tarball)),
      ...(await typeProblems(tarball)),
    ],
  };
}
