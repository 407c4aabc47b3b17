import { expect, it } from 'vitest';
import { orderOfKeeping } from './order-of-keeping.js';

const linear = (name: string, nmse: number, savedMilliseconds: number) => ({
  name,
  nmse,
  savedMilliseconds,
  layerNmse: nmse,
});

it('what takes away most error for the time that it costs comes first', () => {
  const layers = [
    {
      layer: 0,
      nmse: 1,
      clsNmse: 1,
      linears: [linear('dear and bad', 8, 4), linear('cheap and bad', 6, 1), linear('cheap and good', 1, 1)],
    },
  ];
  expect(orderOfKeeping(layers)).toEqual(['cheap and bad', 'dear and bad', 'cheap and good']);
});

it('what int8 makes no faster does not come before everything else', () => {
  const linears = [linear('bad', 8, 4), linear('free and good', 0.1, -1), linear('free and bad', 1, 0)];
  expect(orderOfKeeping([{ layer: 0, nmse: 1, clsNmse: 1, linears }])).toEqual([
    'free and bad',
    'bad',
    'free and good',
  ]);
});

it('a layer that spoils CLS more than the rest counts by that', () => {
  const layers = [
    { layer: 0, nmse: 2, clsNmse: 1, linears: [linear('state', 2, 1)] },
    { layer: 1, nmse: 1, clsNmse: 5, linears: [linear('cls', 1, 1)] },
  ];
  expect(orderOfKeeping(layers)).toEqual(['cls', 'state']);
});
