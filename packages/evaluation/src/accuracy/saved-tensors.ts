import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelDescription, WebsslError } from '@webssl/backend';
import { createSafetensorsWriter, type SafetensorsWriter } from '@webssl/tensor-files';
import type { ImageTensors } from './recorded-runs.js';

const files = { reference: 'reference.safetensors', candidate: 'candidate.safetensors' };

/** Writes what was compared: two files, of the same images in the same order. Neither is there before both are whole. */
export class SavedTensors {
  readonly #folder: string;
  readonly #reference: SafetensorsWriter;
  readonly #candidate: SafetensorsWriter;
  readonly #images: string[] = [];

  private constructor(folder: string, reference: SafetensorsWriter, candidate: SafetensorsWriter) {
    this.#folder = folder;
    this.#reference = reference;
    this.#candidate = candidate;
  }

  /**
   * Begins the files; makes the folder when it is not there.
   *
   * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`
   */
  static async create(folder: string): Promise<SavedTensors> {
    await makeFolder(folder);
    const reference = await createSafetensorsWriter(join(folder, files.reference));
    const candidate = await createSafetensorsWriter(join(folder, files.candidate));
    return new SavedTensors(folder, reference, candidate);
  }

  /**
   * Adds an image; its tensors have the same names and dims on both sides.
   *
   * @throws WebsslError `OUTPUT_WRITE_FAILED`
   */
  async add(image: string, candidate: ImageTensors, reference: ImageTensors): Promise<void> {
    this.#images.push(image);
    for (const [name, tensor] of reference) await this.#reference.append(name, tensor);
    for (const [name, tensor] of candidate) await this.#candidate.append(name, tensor);
  }

  /**
   * Gives the files their names.
   *
   * @param labels the devices, as records call them
   * @throws WebsslError `OUTPUT_*`; then neither file is there
   */
  async finish(
    { id, revision, synthetic }: ModelDescription,
    labels: { readonly reference: string; readonly candidate: string },
  ): Promise<void> {
    const metadata = {
      model: id,
      ...(revision === undefined ? {} : { revision }),
      synthetic: String(synthetic),
      images: JSON.stringify(this.#images),
    };
    try {
      await this.#reference.finish({ ...metadata, device: labels.reference });
      await this.#candidate.finish({ ...metadata, device: labels.candidate });
    } catch (error) {
      // Half a pair, or a half of this run beside one of another, would be compared by someone.
      for (const file of Object.values(files)) await rm(join(this.#folder, file), { force: true });
      throw error;
    }
  }

  /** Removes what was written; does nothing after {@link finish}. */
  async abort(): Promise<void> {
    await this.#reference.abort();
    await this.#candidate.abort();
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new WebsslError({
      code: 'EVALUATION_OUTPUT_UNWRITABLE',
      message: `The tensors cannot be saved in ${folder}: ${(cause as Error).message}. Name a folder that can be written.`,
      cause,
    });
  }
}
