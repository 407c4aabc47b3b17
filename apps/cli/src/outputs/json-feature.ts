import { type Tensor, WebsslError } from '@webssl/backend';
import type { Features } from '@webssl/encoder';

/** Features as JSON holds them: `{ cls: { dims: [...], data: [...] } }`. */
export function jsonFeatures(
  features: Features,
): Record<string, { dims: readonly number[]; data: number[] }> {
  return Object.fromEntries(
    Object.entries<Tensor>(features).map(([name, { dims, data }]) => [
      name,
      { dims, data: Array.from(data) },
    ]),
  );
}

/** An error as JSON holds it: its stable code and its message. */
export function jsonError(error: Error): { code: string; message: string } {
  return { code: WebsslError.isInstance(error) ? error.code : 'UNEXPECTED', message: error.message };
}
