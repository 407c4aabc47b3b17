import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeDataUri } from './data-uri.js';
import { defaultLimits } from './image-limits.js';

const decode = (data: string) => decodeDataUri(`data:image/jpeg;base64,${data}`, defaultLimits);

it('base64 gives its bytes, wherever it is broken into lines', async () => {
  const blank = fc.constantFrom('\n', '\r\n');
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.tuple(fc.nat(400), blank), { maxLength: 20 }),
      async (bytes, breaks) => {
        let text = Buffer.from(bytes).toString('base64');
        for (const [place, character] of breaks) text = text.slice(0, place) + character + text.slice(place);
        expect(await decode(text)).toEqual(bytes);
      },
    ),
  );
});

it.each([
  ['lines of 76 characters, ended as in mail', 76, '\r\n'],
  ['lines of 64 characters', 64, '\n'],
  ['lines that are no whole groups', 77, '\n'],
  ['one line', Number.POSITIVE_INFINITY, ''],
])('more than fits into a slice: %s', async (_name, length, ending) => {
  const bytes = randomBytes(2_500_001);
  const text = bytes
    .toString('base64')
    .replace(new RegExp(`.{${Math.min(length, 9999)}}`, 'g'), `$&${ending}`);
  expect(Buffer.compare(await decode(`${text}${ending}`), bytes)).toBe(0);
});

it.each(['ab*d', 'ab=d', 'AAAA====', 'AA==AA==', 'ab d', 'ab\tcd', 'the red fox runs'])(
  '%j is refused',
  async (text) => {
    await expect(decode(text)).rejects.toMatchObject({ code: 'IMAGE_INPUT_INVALID' });
  },
);

it('padding is refused within data that is longer than a slice', async () => {
  await expect(decode(`AA==${'A'.repeat(1024 * 1024)}`)).rejects.toMatchObject({
    code: 'IMAGE_INPUT_INVALID',
  });
});
