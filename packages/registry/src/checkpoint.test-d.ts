import type { ProcessorConfig } from '@webssl/preprocess';
import type { TensorEntry } from '@webssl/tensor-files';
import { describe, expectTypeOf, it } from 'vitest';
import type { CatalogueEntry, Checkpoint, LocatedModel, ModelConfig } from './index.js';
import { catalogue, findCatalogueEntry, locateModel, openCheckpoint, parseModelConfig } from './index.js';

describe('public types', () => {
  it('openCheckpoint gives a checkpoint and takes only its own options', () => {
    expectTypeOf(openCheckpoint).returns.resolves.toEqualTypeOf<Checkpoint>();
    expectTypeOf<Checkpoint['tensors']>().toEqualTypeOf<ReadonlyMap<string, TensorEntry>>();
    expectTypeOf<Checkpoint['processor']>().toEqualTypeOf<ProcessorConfig>();
    expectTypeOf(openCheckpoint).toBeCallableWith('a/b', {
      revision: 'main',
      signal: new AbortController().signal,
    });
    // @ts-expect-error a revision is text
    void openCheckpoint('a/b', { revision: 1 });
    // @ts-expect-error no such option
    void openCheckpoint('a/b', { folder: '/' });
  });

  it('what may be missing is undefined', () => {
    expectTypeOf(locateModel).returns.resolves.toEqualTypeOf<LocatedModel | undefined>();
    expectTypeOf(findCatalogueEntry).returns.toEqualTypeOf<CatalogueEntry | undefined>();
    expectTypeOf<Checkpoint['revision']>().toEqualTypeOf<string | undefined>();
  });

  it('a config is parsed from anything, and nothing can be written to', () => {
    expectTypeOf(parseModelConfig).parameter(0).toBeUnknown();
    expectTypeOf(parseModelConfig).returns.toEqualTypeOf<ModelConfig>();
    expectTypeOf(catalogue).returns.toEqualTypeOf<readonly CatalogueEntry[]>();
    expectTypeOf<ModelConfig>().toEqualTypeOf<Readonly<ModelConfig>>();
  });
});
