import { realpath } from 'node:fs/promises';
import platformPath, { type PlatformPath } from 'node:path';
import { graphError } from './graph-error.js';

/** Where the weight files really are. */
export interface WeightFiles {
  /** Real path of the folder that holds them all, at any depth. */
  readonly folder: string;
  /** From the path in the tensor index to the path below `folder`, with `/` between its parts. */
  readonly locations: ReadonlyMap<string, string>;
}

/**
 * Resolves the symbolic links of a hub cache: ONNX Runtime refuses external data that a link leads out of its folder.
 * @throws WebsslError `GRAPH_WEIGHTS_UNREACHABLE` when a file is gone, or the files share no folder.
 */
export async function locateWeightFiles(files: readonly string[]): Promise<WeightFiles> {
  const real = await Promise.all(
    files.map((file) =>
      realpath(file).catch((cause: unknown) => {
        throw graphError(
          'GRAPH_WEIGHTS_UNREACHABLE',
          `The weight file ${file} cannot be reached: fetch the checkpoint again.`,
          { file },
          cause,
        );
      }),
    ),
  );
  const folder = commonFolder(real);
  return {
    folder,
    locations: new Map(
      files.map((file, index) => [
        file,
        platformPath
          .relative(folder, real[index] ?? file)
          .split(platformPath.sep)
          .join('/'),
      ]),
    ),
  };
}

/**
 * The deepest folder above all of these absolute paths.
 * @throws WebsslError `GRAPH_WEIGHTS_UNREACHABLE` when there is none, as on two drives.
 */
export function commonFolder(files: readonly string[], path: PlatformPath = platformPath): string {
  const folders = files.map((file) => path.dirname(file).split(path.sep));
  const [first = []] = folders;
  const length = first.findIndex((part, depth) => folders.some((folder) => folder[depth] !== part));
  const shared = length === -1 ? first : first.slice(0, length);
  if (shared.length === 0) {
    throw graphError(
      'GRAPH_WEIGHTS_UNREACHABLE',
      `The weight files have no folder in common: ${files.join(', ')}. Move them into one folder.`,
      { files },
    );
  }
  return shared.length === 1 ? path.join(shared[0] ?? '', path.sep) : shared.join(path.sep);
}
