import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseCount, parseImageSize, parseNames, parsePort } from './arguments.js';

describe('an image size', () => {
  it.each([
    ['448', 448],
    ['99999', 99_999],
    ['448x672', { height: 448, width: 672 }],
  ])('is read from %s', (text, size) => expect(parseImageSize(text)).toEqual(size));
  it.each([
    ...['', '0', '0448', '-448', '+448', '44.8', '1e3', '0x10', '100000', '224px', ' 224', '224\n', '٢٢٤'],
    ...['x', '448x', 'x672', '448x0', '448X672', '448 x 672', '448x672x3', '448,672'],
  ])('is not %j', (text) => {
    expect(() => parseImageSize(text)).toThrow(InvalidArgumentError);
  });
});

describe('a count', () => {
  it.each([
    ['1', 1],
    ['999999999', 999_999_999],
  ])('is read from %s', (text, count) => expect(parseCount(text)).toBe(count));
  it.each(['', '0', '00', '01', '-1', '1.5', '1e3', '0x10', '1000000000', 'Infinity', 'NaN', ' 1', '1\n'])(
    'is not %j',
    (text) => {
      expect(() => parseCount(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('a port', () => {
  it.each([
    ['0', 0],
    ['8000', 8000],
    ['65535', 65_535],
  ])('is read from %s', (text, port) => expect(parsePort(text)).toBe(port));
  it.each(['', '65536', '99999', '-1', '80.5', '8e3', '0x50', ' 80', '80\n', 'http', '127.0.0.1:80'])(
    'is not %j',
    (text) => {
      expect(() => parsePort(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('names', () => {
  it('are separated by commas, spaces around them dropped, each name once and in order', () => {
    expect(parseNames('mean, cls,mean ,hidden_states.3')).toEqual(['mean', 'cls', 'hidden_states.3']);
  });
  it.each(['', ' ', ',', 'cls,', ',cls', 'cls,,mean'])('are not %j', (text) => {
    expect(() => parseNames(text)).toThrow(InvalidArgumentError);
  });
});
