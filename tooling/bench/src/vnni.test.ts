import { expect, it } from 'vitest';
import { lacksVnni } from './vnni.js';

it('says why a bound does not apply where weights have 7 bits, and nothing where they have 8', () => {
  expect(lacksVnni(8)).toBeUndefined();
  expect(lacksVnni(7)).toEqual({ missing: expect.stringContaining('VNNI') });
});
