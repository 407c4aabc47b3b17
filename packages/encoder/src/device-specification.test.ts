import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDevice } from './device-specification.js';

describe('parseDevice', () => {
  it('reads a backend alone', () => {
    expect(parseDevice('cpu')).toEqual({ backend: 'cpu', precision: undefined, indices: [] });
  });

  it('reads precision and indices', () => {
    expect(parseDevice('acl-native:fp16@1')).toEqual({
      backend: 'acl-native',
      precision: 'fp16',
      indices: [1],
    });
    expect(parseDevice('npu@0,2')).toEqual({ backend: 'npu', precision: undefined, indices: [0, 2] });
  });

  it.each([
    '',
    'CPU',
    'cpu:',
    'cpu@',
    'cpu@x',
    'cpu@1,',
    'cpu@-1',
    ':fp16',
    'cpu:fp16:int8',
    'cpu fp16',
    'cpu@0 ',
  ])('refuses %j and says how to write it', (text) => {
    expect(() => parseDevice(text)).toThrow(
      expect.objectContaining({
        code: 'DEVICE_SPECIFICATION_INVALID',
        message: expect.stringContaining('<backend>[:<precision>][@<index>,...]'),
      }),
    );
  });

  it('refuses an index named twice', () => {
    expect(() => parseDevice('npu@1,1')).toThrow(/twice/);
  });

  it('gives a specification or a typed error for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseDevice(text).backend).not.toBe('');
        } catch (error) {
          expect(WebsslError.isInstance(error, 'DEVICE_SPECIFICATION_INVALID')).toBe(true);
        }
      }),
    );
  });
});
