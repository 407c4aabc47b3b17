import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { glob, isDynamicPattern } from 'tinyglobby';

/** Endings by which a folder's images are told from its other files; a file that is named itself may have any ending. */
const imageEnding = /\.(jpe?g|png|webp|gif|tiff?|bmp|avif|heic|heif)$/i;

/**
 * The image files that paths, folders (with their sub-folders) and glob patterns stand for, in the order of the
 * arguments, each argument's files sorted by name, each file once.
 *
 * @throws WebsslError `IMAGES_NOT_FOUND` for an argument that stands for no image, `IMAGES_FOLDER_UNREADABLE`
 */
export async function findImages(patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const files = await expand(pattern);
    if (files.length === 0) throw notFound(pattern);
    for (const file of files) found.add(file);
  }
  return [...found];
}

async function expand(pattern: string): Promise<string[]> {
  const status = await stat(pattern).catch(() => undefined);
  if (status?.isDirectory()) return imagesInFolder(pattern);
  if (status !== undefined || !isDynamicPattern(pattern)) return [pattern];
  return (await glob(pattern, { expandDirectories: false, onlyFiles: true })).sort();
}

async function imagesInFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new WebsslError({
      code: 'IMAGES_FOLDER_UNREADABLE',
      message: `The folder ${folder} cannot be read to the end: ${cause.message}. Name the images or folders that can.`,
      cause,
    });
  });
  return entries
    .filter((entry) => !entry.isDirectory() && imageEnding.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function notFound(pattern: string): WebsslError {
  return new WebsslError({
    code: 'IMAGES_NOT_FOUND',
    message: `No image at ${JSON.stringify(pattern)}. Name image files, a folder that holds some (.jpg, .png, .webp, .gif, .tif, .bmp, .avif), or a quoted pattern such as "photos/**/*.jpg".`,
  });
}
