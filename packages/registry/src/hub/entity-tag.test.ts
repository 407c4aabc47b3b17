import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEntityTag } from './entity-tag.js';

const sha1 = '0123456789abcdef0123456789abcdef01234567';
const sha256 = `${sha1}89abcdef0123456789abcdef`;

describe('an entity tag', () => {
  it.each([
    [`"${sha256}"`, 'sha256', sha256],
    [sha256, 'sha256', sha256],
    [`W/"${sha1}"`, 'git-sha1', sha1],
    [`"${sha1.toUpperCase()}"`, 'git-sha1', sha1],
  ])('%s is a hash', (text, algorithm, digest) => {
    expect(parseEntityTag(text)).toEqual({ algorithm, digest });
  });

  it.each([
    undefined,
    '',
    '""',
    '"d41d8cd98f00b204e9800998ecf8427e"',
    `"${sha1}-2"`,
    `"${sha1}`,
    `"${sha1}-gzip"`,
    `../${sha1}`,
  ])('%s is none that can be verified', (text) => {
    expect(parseEntityTag(text)).toBeUndefined();
  });

  it('gives only digests that are safe as file names', () => {
    const part = fc.constantFrom('W/', '"', sha1, sha256, '/', '..', 'a', ' ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          const hash = parseEntityTag(text);
          if (hash !== undefined) expect(hash.digest).toMatch(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
        },
      ),
    );
  });
});
