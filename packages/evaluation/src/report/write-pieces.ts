import { createOutputFile } from '@webssl/tensor-files';

/** Characters that are gathered before they are written: a call a piece would be slow. */
const gathered = 1 << 20;

/**
 * Writes text that may be longer than a string can be; the file takes its name only when it is whole.
 *
 * @throws WebsslError `OUTPUT_FOLDER_MISSING`, `OUTPUT_WRITE_FAILED`; what the pieces throw
 */
export async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  const encoder = new TextEncoder();
  const output = await createOutputFile(path);
  try {
    let text = '';
    for (const piece of pieces) {
      text += piece;
      if (text.length < gathered) continue;
      await output.write(encoder.encode(text));
      text = '';
    }
    await output.write(encoder.encode(text));
    await output.finish();
  } finally {
    await output.abort();
  }
}
