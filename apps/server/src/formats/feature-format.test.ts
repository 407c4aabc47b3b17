import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formats, negotiateFormat } from './feature-format.js';

test.each([
  [undefined, 'json'],
  ['', 'json'],
  [' , ', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['text/html, */*;q=0.1', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['application/jsonl', 'ndjson'],
  ['APPLICATION/X-NDJSON', 'ndjson'],
  ['application/npy', 'npy'],
  ['application/safetensors, application/x-npy', 'safetensors'],
  ['application/x-npy;q=0.4, application/vnd.safetensors;q=0.5', 'safetensors'],
  ['application/x-npy;q=0.4, */*;q=0.5', 'json'],
  ['*/*, application/json;q=0.1', 'ndjson'],
  ['application/json;q=0, application/*', 'ndjson'],
  ['application/json ; q=0.2 , application/x-npy ; Q=0.3', 'npy'],
])('%s prefers %s', (accept, format) => {
  expect(negotiateFormat(accept)).toBe(format);
});

test.each(['text/html', 'image/*', 'application/json;q=0', '*/*;q=0', 'application/json;q=high', 'json'])(
  '%s accepts none, and is told what there is',
  (accept) => {
    expect(() => negotiateFormat(accept)).toThrow(
      expect.objectContaining({
        code: 'NOT_ACCEPTABLE',
        message: expect.stringContaining(
          Object.values(formats)
            .map(([type]) => type)
            .join(', '),
        ),
      }),
    );
  },
);

test('any header is answered or refused', () => {
  const part = fc.constantFrom(
    ...Object.values(formats).flat(),
    '*/*',
    'application/*',
    ';q=',
    '0.5',
    ',',
    ' ',
    'q=2',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join('')),
      ),
      (accept) => {
        try {
          expect(Object.keys(formats)).toContain(negotiateFormat(accept));
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOT_ACCEPTABLE' });
        }
      },
    ),
  );
});
