import { describe, expect, it } from 'vitest';
import { isHubId, isRepositoryId } from './repository-id.js';

describe('isHubId', () => {
  it.each([
    ['facebook/webssl-mae700m-full2b-224', true],
    ['a/b.c_d', true],
    ['a', false],
    ['a/b/c', false],
    ['../b', false],
    ['a/..', false],
    ['a--b/c', false],
    ['/a', false],
    ['a/b c', false],
    ['a/b.', false],
    ['a/-b', false],
    ['con/b', false],
    ['', false],
    [`a/${'b'.repeat(94)}`, true],
    [`a/${'b'.repeat(95)}`, false],
  ])('%s: %s', (text, expected) => {
    expect(isHubId(text)).toBe(expected);
  });
});

describe('isRepositoryId', () => {
  it.each([
    ['gpt2', true],
    ['facebook/webssl-mae700m-full2b-224', true],
    ['a/b/c', false],
    ['a--b', false],
    ['..', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isRepositoryId(text)).toBe(expected);
  });
});
