import type { Tensor } from '@webssl/backend';
import { expect, it } from 'vitest';
import { checkAnswer } from './check-answer.js';

const dims = [2, 3, 4];
const answer: Tensor = { data: new Float32Array(24).fill(0.5), dims };

it('takes finite values of the dims that were asked for', () => {
  expect(() => checkAnswer(answer, dims)).not.toThrow();
});

it.each<[string, Tensor | undefined, string]>([
  ['nothing', undefined, 'with nothing'],
  ['the CLS token alone', { data: new Float32Array(8), dims: [2, 1, 4] }, '8 values of dims [2,1,4]'],
  ['an image too few', { data: new Float32Array(12), dims: [1, 3, 4] }, '12 values of dims [1,3,4]'],
  ['a value too few', { data: new Float32Array(23), dims }, '23 values of dims [2,3,4]'],
  [
    'values that are not finite',
    { data: answer.data.with(5, Number.NaN).with(6, Number.POSITIVE_INFINITY).with(23, -Infinity), dims },
    'Of the 24 values of last_hidden_state [2, 3, 4] that the device answered with, 3 are not finite.',
  ],
])('refuses %s', (_, tensor, said) => {
  expect(() => checkAnswer(tensor, dims)).toThrow(
    expect.objectContaining({
      code: 'EVALUATION_RESULT_INVALID',
      message: expect.stringContaining(said),
    }),
  );
});
