import { expect, it } from 'vitest';
import { seenWindow } from './seen-window.js';

const side = 224;
const shortest = {
  resize: { size: { shortestEdge: side } },
  centerCrop: { width: side, height: side },
};

it('cuts the middle out of an image whose shorter side was fitted', () => {
  // 640 x 427: 224 * 640 / 427 = 335.7, cut off; (335 - 224) / 2 = 55.5, the smaller half is cut off on the left.
  expect(seenWindow({ width: 640, height: 427 }, shortest)).toEqual({
    input: { width: 224, height: 224 },
    left: -55,
    top: 0,
    width: 335,
    height: 224,
  });
  expect(seenWindow({ width: 427, height: 640 }, shortest)).toMatchObject({ left: 0, top: -55, height: 335 });
});

it('squashes an image to a size that does not keep its shape', () => {
  const squash = { resize: { size: { width: 224, height: 112 } } };
  expect(seenWindow({ width: 10, height: 900 }, squash)).toEqual({
    input: { width: 224, height: 112 },
    left: 0,
    top: 0,
    width: 224,
    height: 112,
  });
});

it('covers a size that is no square', () => {
  const cover = {
    resize: { size: { cover: { width: 300, height: 200 } } },
    centerCrop: { width: 300, height: 200 },
  };
  expect(seenWindow({ width: 400, height: 400 }, cover)).toMatchObject({
    width: 300,
    height: 300,
    left: 0,
    top: -50,
  });
});

it('pads an image that is smaller than the crop, the larger half first', () => {
  expect(seenWindow({ width: 221, height: 100 }, { centerCrop: { width: 224, height: 224 } })).toEqual({
    input: { width: 224, height: 224 },
    left: 2,
    top: 62,
    width: 221,
    height: 100,
  });
});

it('leaves an image alone where nothing is asked for', () => {
  expect(seenWindow({ width: 30, height: 20 }, {})).toMatchObject({ left: 0, top: 0, width: 30, height: 20 });
});
