import { createOutputFile } from '@webssl/tensor-files';
import type { FeatureOutput, Provenance } from './feature-output.js';
import { jsonError, jsonFeatures } from './json-feature.js';

/** One JSON document: `{ "images": [...], "model": ..., "synthetic": ... }`. */
export async function createJsonOutput(path: string): Promise<FeatureOutput> {
  const file = await createOutputFile(path);
  let separator = '{ "images": [\n';
  const append = async (entry: unknown) => {
    await file.write(Buffer.from(`${separator}${JSON.stringify(entry)}`));
    separator = ',\n';
  };
  return {
    append: (image, features) => append({ image, features: jsonFeatures(features) }),
    appendError: (image, error) => append({ image, error: jsonError(error) }),
    async finish({ processing, ...origin }) {
      const rest = JSON.stringify({ ...origin, processing: JSON.parse(processing) });
      await file.write(Buffer.from(`\n],\n${rest.slice(1)}\n`));
      await file.finish();
    },
    abort: () => file.abort(),
  };
}

/** One JSON object a line: an image with its features or its error. Each line says which model made it. */
export async function createJsonLinesOutput(
  path: string,
  { model, synthetic }: Pick<Provenance, 'model' | 'synthetic'>,
): Promise<FeatureOutput> {
  const file = await createOutputFile(path);
  let index = 0;
  const append = (entry: object) =>
    file.write(Buffer.from(`${JSON.stringify({ index: index++, ...entry, model, synthetic })}\n`));
  return {
    append: (image, features) => append({ image, features: jsonFeatures(features) }),
    appendError: (image, error) => append({ image, error: jsonError(error) }),
    finish: () => file.finish(),
    abort: () => file.abort(),
  };
}
