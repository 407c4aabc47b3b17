import { WebsslError } from '@webssl/backend';
import type { TensorIndex } from '@webssl/tensor-files';

/**
 * The seed that a synthetic checkpoint's safetensors metadata names (`webssl.synthetic`: `true`, `webssl.seed`: a whole
 * number); undefined for trained weights.
 * @throws WebsslError `CHECKPOINT_MARK_INVALID` for a checkpoint that says it is synthetic and names no seed.
 */
export function readSyntheticMark(
  { metadata }: TensorIndex,
  folder: string,
): { readonly seed: number } | undefined {
  if (metadata['webssl.synthetic'] !== 'true') return undefined;
  const seed = metadata['webssl.seed'] ?? '';
  if (!/^\d{1,15}$/.test(seed)) {
    throw new WebsslError({
      code: 'CHECKPOINT_MARK_INVALID',
      message: `The checkpoint in ${folder} says in its metadata that it is synthetic, but names no seed (webssl.seed: '${seed}')`,
      details: { folder, seed },
    });
  }
  return { seed: Number(seed) };
}
