import { expect, it } from 'vitest';
import { allowsRange, matchesTag } from './entity-tag.js';

it.each([
  ['"abc"', true],
  ['W/"abc"', true],
  ['"other", "abc"', true],
  [' "other" ,W/"abc" ', true],
  ['*', true],
  ['"other"', false],
  ['abc', false],
  ['', false],
  [undefined, false],
])('If-None-Match %s matches "abc": %s', (header, matches) => {
  expect(matchesTag(header, '"abc"')).toBe(matches);
});

it.each([
  [undefined, true],
  ['"abc"', true],
  ['W/"abc"', false],
  ['"other"', false],
  ['Wed, 21 Oct 2026 07:28:00 GMT', false],
])('If-Range %s lets a range of "abc" through: %s', (header, lets) => {
  expect(allowsRange(header, '"abc"')).toBe(lets);
});
