import { type FileHandle, open } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import { checkBytes, type ImageLimits } from './image-limits.js';
import { readStream } from './read-stream.js';

/**
 * Reads an image file, if it is within the byte limit.
 *
 * @throws WebsslError IMAGE_NOT_FOUND, IMAGE_IS_FOLDER, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function readImageFile(path: string, limits: ImageLimits): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const stats = await file.stat();
    if (stats.isDirectory()) {
      throw new WebsslError({
        code: 'IMAGE_IS_FOLDER',
        message: `${path} is a folder. Give the path of an image file in it.`,
      });
    }
    // A pipe or a device has no size of its own and may never end.
    if (!stats.isFile()) return await readStream(file.createReadStream(), limits, undefined);
    checkBytes(stats.size, limits);
    const bytes = Buffer.allocUnsafeSlow(stats.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (WebsslError.isInstance(error)) throw error;
    throw unreadable(path, error);
  } finally {
    await file?.close();
  }
}

function unreadable(path: string, error: unknown): WebsslError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new WebsslError({
      code: 'IMAGE_NOT_FOUND',
      message: `There is no file ${path}. Check the path; a relative one starts at the current folder.`,
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new WebsslError({
    code: 'IMAGE_UNREADABLE',
    message: `${path} cannot be read: ${reason}. Check its permissions.`,
    cause: error,
  });
}
