import type { Backend } from '@webssl/backend';
import { expectTypeOf, test } from 'vitest';
import { type CpuMode, type CpuOptions, cpu } from './index.js';

test('cpu makes a backend of options that are all optional', () => {
  expectTypeOf(cpu).toBeCallableWith();
  expectTypeOf(cpu).returns.toEqualTypeOf<Backend>();
  expectTypeOf<CpuMode>().toEqualTypeOf<'coldStart' | 'throughput'>();
  expectTypeOf<CpuOptions['workerEntry']>().toEqualTypeOf<URL | undefined>();
  // @ts-expect-error there is no such mode
  cpu({ mode: 'fast' });
});
