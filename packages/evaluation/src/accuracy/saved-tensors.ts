import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelDescription } from '@webssl/backend';
import { createSafetensorsWriter, type SafetensorsWriter } from '@webssl/tensor-files';
import { makeOutputFolder } from '../run/output-folder.js';
import type { ImageTensors } from './recorded-runs.js';

const files = { reference: 'reference.safetensors', candidate: 'candidate.safetensors' };

/**
 * Writes what was compared: two files, of the same images in the same order. Neither is there before both are whole; without
 * images there are none.
 */
export class SavedTensors {
  readonly #folder: string;
  readonly #images: string[] = [];
  #reference: SafetensorsWriter | undefined;
  #candidate: SafetensorsWriter | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder when it is not there.
   *
   * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`
   */
  static async create(folder: string): Promise<SavedTensors> {
    await makeOutputFolder(folder);
    return new SavedTensors(folder);
  }

  /**
   * Adds an image; its tensors have the same names and dims on both sides.
   *
   * @throws WebsslError `OUTPUT_*`
   */
  async add(image: string, candidate: ImageTensors, reference: ImageTensors): Promise<void> {
    this.#images.push(image);
    // Each is known to abort() before the next one can fail.
    this.#reference ??= await createSafetensorsWriter(join(this.#folder, files.reference));
    this.#candidate ??= await createSafetensorsWriter(join(this.#folder, files.candidate));
    for (const [name, tensor] of reference) await this.#reference.append(name, tensor);
    for (const [name, tensor] of candidate) await this.#candidate.append(name, tensor);
  }

  /**
   * Gives the files their names. Those of an earlier run are replaced, where there are no images by nothing.
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
      if (this.#images.length === 0) await this.#removeFiles();
      await this.#reference?.finish({ ...metadata, device: labels.reference });
      await this.#candidate?.finish({ ...metadata, device: labels.candidate });
    } catch (error) {
      // Half a pair, or a half of this run beside one of another, would be compared by someone.
      await this.#removeFiles();
      throw error;
    }
  }

  /** Removes what was written; does nothing after {@link finish}. */
  async abort(): Promise<void> {
    await this.#reference?.abort();
    await this.#candidate?.abort();
  }

  async #removeFiles(): Promise<void> {
    for (const file of Object.values(files)) await rm(join(this.#folder, file), { force: true });
  }
}
