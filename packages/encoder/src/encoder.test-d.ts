import type { Tensor } from '@webssl/backend';
import { expectTypeOf } from 'vitest';
import type { Encoder } from './encoder.js';
import type { EncodeResult } from './encoder-types.js';

declare const encoder: Encoder;

const named = await encoder.encode('photo.jpg', { features: ['cls', 'hidden_states.3'] });
expectTypeOf(named.cls).toEqualTypeOf<Tensor>();
expectTypeOf(named['hidden_states.3']).toEqualTypeOf<Tensor>();
// @ts-expect-error a feature that was not asked for is not there
named.mean;

for await (const result of encoder.encodeAll([new Uint8Array()], { features: ['mean'] })) {
  expectTypeOf(result).toEqualTypeOf<EncodeResult<Uint8Array<ArrayBuffer>, 'mean'>>();
  // @ts-expect-error an image may have failed: look for `error` first
  result.features;
  if ('error' in result) expectTypeOf(result.error).toEqualTypeOf<Error>();
  else expectTypeOf(result.features.mean.data).toEqualTypeOf<Float32Array>();
}
