import { expect, test } from 'vitest';
import { z } from 'zod';
import { featuresBody } from '../schemas/feature-request.js';
import { issueProblem } from './schema-problem.js';

function problemOf(schema: z.ZodType, value: unknown) {
  return issueProblem(schema.safeParse(value).error?.issues[0]);
}

test.each([
  [{ images: ['a', { image: 5 }] }, 'images[1].image'],
  [{ images: ['a', 5] }, 'images[1]'],
  [{ images: 5 }, 'images'],
  [{ images: 'a', features: ['cls', ''] }, 'features[1]'],
  [{ images: 'a', normalize: 'x' }, 'normalize'],
])('of %j the part that does not fit is named', (value, param) => {
  expect(problemOf(featuresBody, value)).toMatchObject({ code: 'REQUEST_INVALID', details: { param } });
});

test('a body with very many unknown members is not repeated in the message', () => {
  const members = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`member${index}`, 0]));
  const { message, details } = problemOf(featuresBody, { images: 'a', ...members });
  expect(message.length).toBeLessThan(500);
  expect(details).toEqual({});
});

test('what names no part says what is wrong all the same', () => {
  expect(problemOf(z.string(), 5)).toMatchObject({ message: expect.stringContaining('string'), details: {} });
  expect(issueProblem(undefined)).toMatchObject({ code: 'REQUEST_INVALID' });
});
