import type { Backend } from '@webssl/backend';
import { expectTypeOf, test } from 'vitest';
import { type CannOnnxOptions, cannOnnx } from './index.js';

test('cannOnnx makes a backend of options that are all optional', () => {
  expectTypeOf(cannOnnx).toBeCallableWith();
  expectTypeOf(cannOnnx).returns.toEqualTypeOf<Backend>();
  expectTypeOf<CannOnnxOptions['provider']>().toEqualTypeOf<'cann' | 'cpu' | undefined>();
  expectTypeOf<CannOnnxOptions['workerEntry']>().toEqualTypeOf<URL | undefined>();
  // @ts-expect-error there is no such provider
  cannOnnx({ provider: 'cuda' });
});
