import type { ModelSource } from '@webssl/backend';
import type { Checkpoint } from '@webssl/registry';
import { describe, expectTypeOf, it } from 'vitest';
import { createModelSource, type GraphInspection, inspectGraph, type ModelSourceOptions } from './index.js';

describe('types', () => {
  it('a checkpoint becomes a model source', () => {
    expectTypeOf(createModelSource).parameters.toEqualTypeOf<[Checkpoint, ModelSourceOptions?]>();
    expectTypeOf(createModelSource).returns.toEqualTypeOf<ModelSource>();
    expectTypeOf<ModelSourceOptions['omitLayers']>().toEqualTypeOf<readonly number[] | undefined>();
  });

  it('a graph of any origin can be inspected', () => {
    expectTypeOf(inspectGraph).toEqualTypeOf<(bytes: Uint8Array) => GraphInspection>();
    expectTypeOf<GraphInspection['inputs'][number]['dims']>().toEqualTypeOf<readonly (number | string)[]>();
    expectTypeOf<GraphInspection['weights'][number]['offset']>().toEqualTypeOf<number>();
  });
});
