import { describe, expect, it } from 'vitest';
import { parseThresholds } from './parse-thresholds.js';

const all = {
  maxNmse: 0.01,
  maxLayerNmse: 0.02,
  minImagesPerSecond: 40,
  maxLatencyMilliseconds: 50,
  minSpeedUp: 10,
  requireStable: true,
};

it('reads every threshold, and none', () => {
  expect(parseThresholds(JSON.stringify(all))).toEqual(all);
  expect(parseThresholds('{}')).toEqual({});
  expect(parseThresholds('\uFEFF{"maxNmse": 1e-8}\r\n')).toEqual({ maxNmse: 1e-8 });
});

describe('refuses', () => {
  it.each([
    ['maxNmse: 0.01', 'They are no JSON.', {}],
    ['', 'They are no JSON.', {}],
    ['null', 'They must be an object with some of the keys maxNmse, maxLayerNmse, ', {}],
    ['[]', 'They must be an object with some of the keys maxNmse, ', {}],
    [
      '{"maxNMSE":0.01}',
      'There is no threshold "maxNMSE"; there are maxNmse, maxLayerNmse, ',
      { key: 'maxNMSE' },
    ],
    ['{"__proto__":{}}', 'There is no threshold "__proto__"; there are ', { key: '__proto__' }],
    ['{"maxNmse":"0.01"}', 'maxNmse: ', { key: 'maxNmse' }],
    ['{"maxNmse":0}', 'maxNmse: ', { key: 'maxNmse' }],
    ['{"maxLayerNmse":-1}', 'maxLayerNmse: ', { key: 'maxLayerNmse' }],
    ['{"minSpeedUp":null}', 'minSpeedUp: ', { key: 'minSpeedUp' }],
    ['{"minImagesPerSecond":1e999}', 'minImagesPerSecond: ', { key: 'minImagesPerSecond' }],
    ['{"requireStable":"yes"}', 'requireStable: ', { key: 'requireStable' }],
  ])('%s', (json, message, details) => {
    expect(() => parseThresholds(json)).toThrow(
      expect.objectContaining({
        code: 'CHECK_THRESHOLDS_INVALID',
        message: expect.stringContaining(`The thresholds cannot be used. ${message}`),
        details,
      }),
    );
  });
});
