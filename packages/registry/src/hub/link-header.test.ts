import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPage } from './link-header.js';

describe('the next page of a Link header', () => {
  it.each([
    ['<https://hub.example/api?cursor=a%3D>; rel="next"', 'https://hub.example/api?cursor=a%3D'],
    ['<a>; rel="prev", <b>; rel="next"', 'b'],
    ['<a>; rel=next', 'a'],
    ['<a>; title="x"; REL="last Next"', 'a'],
    ['<a,b;c>; rel="next"', 'a,b;c'],
    // The real hub names its Xet services beside it.
    ['<https://a/token>; rel="xet-auth", <https://b/1>; rel="xet-reconstruction-info"', undefined],
    ['<>; rel="next"', undefined],
    ['a; rel="next"', undefined],
    ['<a>; rel="nextish"', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %s is %s', (header, next) => {
    expect(nextPage(header)).toBe(next);
  });

  it('is found among any other links', () => {
    const address = fc.stringMatching(/^https:\/\/[a-z.]{1,20}\/[a-z,;=?" %]{0,20}$/);
    const other = fc
      .tuple(address, fc.constantFrom('prev', 'first', 'xet-auth'))
      .map(([url, rel]) => `<${url}>; rel="${rel}"`);
    fc.assert(
      fc.property(fc.array(other), address, fc.array(other), (before, url, after) => {
        expect(nextPage([...before, `<${url}>; rel="next"`, ...after].join(', '))).toBe(url);
      }),
    );
  });

  it('is text or nothing for every header', () => {
    const part = fc.constantFrom('<', '>', ';', ',', ' rel=', '"', 'next', 'a');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (header) => {
          const next = nextPage(header);
          if (next !== undefined) expect(header).toContain(`<${next}>`);
        },
      ),
    );
  });
});
