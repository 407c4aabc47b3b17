import type { Tensor } from '@webssl/backend';
import { expectTypeOf, test } from 'vitest';
import {
  createNpyWriter,
  createSafetensorsWriter,
  openTensorIndex,
  readNpy,
  readSafetensorsHeader,
  readTensor,
  readTensorBytes,
  type TensorEntry,
  type TensorIndex,
  type TensorType,
  type WritableTensor,
  writeNpy,
  type writeSafetensors,
} from './index.js';

test('what reading gives', () => {
  expectTypeOf(openTensorIndex).returns.resolves.toEqualTypeOf<TensorIndex>();
  expectTypeOf(readSafetensorsHeader).returns.resolves.toHaveProperty('tensors');
  expectTypeOf(readTensor).parameter(0).toEqualTypeOf<TensorEntry>();
  expectTypeOf(readTensor).returns.resolves.toEqualTypeOf<Tensor>();
  expectTypeOf(readTensorBytes).returns.resolves.toEqualTypeOf<Uint8Array>();
  expectTypeOf(readNpy).returns.resolves.toEqualTypeOf<Tensor>();
  expectTypeOf<TensorEntry['type']>().toEqualTypeOf<TensorType>();
});

test('what a reader gives can be written', () => {
  expectTypeOf<Tensor>().toExtend<WritableTensor>();
  expectTypeOf(writeNpy).parameter(1).toEqualTypeOf<Tensor>();
});

test('tensors to write come by name, in an object or a map', () => {
  expectTypeOf<Map<string, WritableTensor>>().toExtend<Parameters<typeof writeSafetensors>[1]>();
  expectTypeOf<{ cls: Tensor }>().toExtend<Parameters<typeof writeSafetensors>[1]>();
  expectTypeOf<{ data: number[]; dims: number[] }>().not.toExtend<WritableTensor>();
  expectTypeOf<{ data: Uint8Array; dims: number[]; type: 'F31' }>().not.toExtend<WritableTensor>();
});

test('the growing writers take rows', () => {
  expectTypeOf(createSafetensorsWriter)
    .returns.resolves.toHaveProperty('append')
    .parameters.toEqualTypeOf<[name: string, row: WritableTensor]>();
  expectTypeOf(createNpyWriter)
    .returns.resolves.toHaveProperty('append')
    .parameters.toEqualTypeOf<[row: Tensor]>();
});
