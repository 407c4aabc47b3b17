import type { ResampleFilter } from '../processor-config.js';

/** A resampling filter: its half width in source pixels when enlarging, and its value at a distance. */
export interface Filter {
  readonly support: number;
  readonly at: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** The two constants of the Hamming window, which Pillow holds in single precision. */
const hammingBase = Math.fround(0.54);
const hammingSwing = Math.fround(0.46);

/** The steepness of the cubic. */
const a = -0.5;

/** Pillow's filters (libImaging/Resample.c), with its order of operations: the last bits depend on it. */
export const filters: Readonly<Record<ResampleFilter, Filter>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: {
    support: 1,
    at: (x) => {
      const distance = Math.abs(x);
      return distance < 1 ? 1 - distance : 0;
    },
  },
  hamming: {
    support: 1,
    at: (x) => {
      const distance = Math.abs(x);
      if (distance === 0) return 1;
      if (distance >= 1) return 0;
      const angle = distance * Math.PI;
      return (Math.sin(angle) / angle) * (hammingBase + hammingSwing * Math.cos(angle));
    },
  },
  bicubic: {
    support: 2,
    at: (x) => {
      const distance = Math.abs(x);
      if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
      if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
      return 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};
