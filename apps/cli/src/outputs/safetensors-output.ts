import type { Tensor } from '@webssl/backend';
import { createSafetensorsWriter } from '@webssl/tensor-files';
import type { FeatureOutput } from './feature-output.js';
import { jsonError } from './json-feature.js';

/** One tensor a feature, its first dimension the images that could be read; everything else in the metadata. */
export async function createSafetensorsOutput(path: string): Promise<FeatureOutput> {
  const writer = await createSafetensorsWriter(path);
  const images: string[] = [];
  const errors: Record<string, unknown>[] = [];
  return {
    async append(image, features) {
      images.push(image);
      for (const [name, tensor] of Object.entries<Tensor>(features)) await writer.append(name, tensor);
    },
    async appendError(image, error) {
      errors.push({ image, ...jsonError(error) });
    },
    finish: ({ model, revision, synthetic, device, processing, normalized }) =>
      writer.finish({
        format: 'webssl-features',
        model,
        ...(revision === undefined ? {} : { revision }),
        synthetic: String(synthetic),
        device,
        processing,
        normalized: String(normalized),
        images: JSON.stringify(images),
        ...(errors.length === 0 ? {} : { errors: JSON.stringify(errors) }),
      }),
    abort: () => writer.abort(),
  };
}
