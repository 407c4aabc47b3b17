import { compareTensors } from '@webssl/metrics';
import { describe, expect, it } from 'vitest';
import { batchOf, classTokenOf, rowOf } from './tensor-parts.js';

const tensor = (dims: readonly number[], ...values: number[]) => ({ data: new Float32Array(values), dims });

describe('the row of an image', () => {
  it('is its part of the batch, without the batch dimension', () => {
    const batch = tensor([2, 1, 3], 1, 2, 3, 4, 5, 6);
    expect(rowOf(batch, 0, 2)).toEqual(tensor([1, 3], 1, 2, 3));
    expect(rowOf(batch, 1, 2)).toEqual(tensor([1, 3], 4, 5, 6));
  });

  it.each([
    ['a row too few', tensor([1, 1, 2], 1, 2), 2],
    ['a row too many', tensor([2, 1, 2], 1, 2, 1, 2), 1],
    ['no batch dimension, which alone would look right', tensor([1, 2], 1, 2), 3],
    ['the dims of one image', tensor([2, 1], 1, 2), 1],
    ['data too short for its dims', tensor([1, 1, 3], 1, 2), 1],
    ['no dims', tensor([]), 1],
  ])(
    'has the wrong shape, whatever it is compared with, when there is no such row: %s',
    (_, wrong, batch) => {
      const row = rowOf(wrong, 0, batch);
      for (const reference of [tensor([1, 2], 1, 2), tensor([2, 1], 1, 2), row]) {
        expect(compareTensors(row, reference).problem).toBe('shape-mismatch');
        expect(compareTensors(classTokenOf(row), classTokenOf(reference)).problem).toBe('shape-mismatch');
      }
    },
  );
});

it('takes the first token as the CLS token', () => {
  expect(classTokenOf(tensor([2, 3], 1, 2, 3, 4, 5, 6))).toEqual(tensor([3], 1, 2, 3));
});

it('puts images one behind the other', () => {
  const image = (first: number) => ({ data: new Float32Array([first, 0, 0]), dims: [3, 1, 1] as const });
  expect(batchOf([image(7), image(8)])).toEqual(tensor([2, 3, 1, 1], 7, 0, 0, 8, 0, 0));
});
