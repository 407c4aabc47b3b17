import type { Tensor } from '@webssl/backend';
import { createNpyWriter, createOutputFile } from '@webssl/tensor-files';
import type { FeatureOutput } from './feature-output.js';
import { jsonError } from './json-feature.js';

/** One array of one feature; npy has no place for names and origin, so they go to `<path>.json`. */
export async function createNpyOutput(path: string): Promise<FeatureOutput> {
  const writer = await createNpyWriter(path);
  const images: string[] = [];
  const errors: Record<string, unknown>[] = [];
  return {
    async append(image, features) {
      images.push(image);
      for (const tensor of Object.values<Tensor>(features)) await writer.append(tensor);
    },
    async appendError(image, error) {
      errors.push({ image, ...jsonError(error) });
    },
    async finish(provenance) {
      const { processing, ...origin } = provenance;
      const companion = { ...origin, processing: JSON.parse(processing), images, errors };
      const companionFile = await createOutputFile(`${path}.json`);
      try {
        await companionFile.write(Buffer.from(`${JSON.stringify(companion, undefined, 2)}\n`));
        await writer.finish();
      } catch (error) {
        await companionFile.abort();
        throw error;
      }
      await companionFile.finish();
    },
    abort: () => writer.abort(),
  };
}
