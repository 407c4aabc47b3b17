import type { Backend } from '@webssl/backend';
import { expectTypeOf, test } from 'vitest';
import { type AclNativeOptions, aclNative, type OfflinePrecision } from './index.js';

test('aclNative makes a backend of options that are all optional', () => {
  expectTypeOf(aclNative).toBeCallableWith();
  expectTypeOf(aclNative).returns.toEqualTypeOf<Backend>();
  expectTypeOf<OfflinePrecision>().toEqualTypeOf<'fp32' | 'fp16' | 'mixed'>();
  expectTypeOf<AclNativeOptions['batchSizes']>().toEqualTypeOf<readonly number[] | undefined>();
  // @ts-expect-error a list of devices is a pool, and the encoder's business
  aclNative({ device: [0, 1] });
});
