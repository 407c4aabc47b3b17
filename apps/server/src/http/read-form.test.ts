import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Form, readForm } from './read-form.js';

const limits = { imagesPerRequest: 5, imageBytes: 300 };
const type = 'multipart/form-data; boundary=border';

interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly content: Uint8Array;
}

/** A form as RFC 7578 writes it. */
function encode(parts: readonly Part[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ name, filename, content }) => [
      Buffer.from(
        `--border\r\ncontent-disposition: form-data; name="${name}"${
          filename === undefined ? '' : `; filename="${filename}"\r\ncontent-type: image/png`
        }\r\n\r\n`,
      ),
      content,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--border--\r\n'),
  ]);
}

/** The body as a network may cut it. */
function inPieces(bytes: Buffer, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces);
}

function read(body: Buffer, contentType = type, pieceSize = 7): Promise<Form> {
  return readForm(inPieces(body, pieceSize), contentType, limits);
}

function refusal(form: Promise<Form>): Promise<unknown> {
  return form.then(
    () => 'read',
    (error: unknown) => error,
  );
}

const word = fc.stringMatching(/^[a-z0-9_]{1,12}$/);
const file = fc.record({
  name: word,
  filename: fc.stringMatching(/^[A-Za-z0-9_-]{1,12}\.png$/),
  content: fc.uint8Array({ maxLength: 400 }),
});
const field = fc.record({ name: word, content: fc.uint8Array({ maxLength: 40 }).map(asText) });

function asText(bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString('hex'));
}

test('every form is read as it was written, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(file, field), { maxLength: 5 }),
      fc.integer({ min: 1, max: 200 }),
      async (parts: readonly Part[], pieceSize) => {
        const { files, fields } = await read(encode(parts), type, pieceSize);
        const sent = parts.filter(({ filename }) => filename !== undefined);
        expect(files.map(({ name }) => name)).toEqual(sent.map(({ filename }) => filename));
        for (const [index, { content }] of files.entries()) {
          const original = Buffer.from(sent[index]?.content ?? []);
          if (original.length > limits.imageBytes) {
            expect(content).toMatchObject({ error: { code: 'IMAGE_TOO_LARGE' } });
          } else {
            expect('bytes' in content && Buffer.from(content.bytes).equals(original)).toBe(true);
          }
        }
        const texts = parts
          .filter(({ filename }) => filename === undefined)
          .map(({ name, content }) => [name, Buffer.from(content).toString()] as const);
        expect(fields).toEqual(new Map(texts));
      },
    ),
    { numRuns: 200 },
  );
});

test('bytes that are no form are refused and nothing else happens', async () => {
  const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  const nearly = fc
    .tuple(fc.array(fc.oneof(file, field), { maxLength: 3 }), fc.nat(), fc.uint8Array({ maxLength: 20 }))
    .map(([parts, at, bytes]) => {
      const form = encode(parts);
      const place = at % (form.length + 1);
      return Buffer.concat([form.subarray(0, place), bytes, form.subarray(place + bytes.length)]);
    });
  const cut = fc
    .tuple(fc.array(file, { minLength: 1, maxLength: 3 }), fc.nat())
    .map(([parts, at]) => encode(parts).subarray(0, at % encode(parts).length));
  await fc.assert(
    fc.asyncProperty(fc.oneof(noise, nearly, cut), async (body) => {
      const result = await refusal(read(body));
      if (result !== 'read') {
        expect(result).toMatchObject({ code: expect.stringMatching(/^(REQUEST_INVALID|TOO_MANY_IMAGES)$/) });
      }
    }),
    { numRuns: 300 },
  );
});

test('a form that ends in the middle of a file is refused', async () => {
  const whole = encode([{ name: 'a', filename: 'a.png', content: Buffer.alloc(100) }]);
  for (let length = 1; length < whole.length - '\r\n--border--\r\n'.length; length += 9) {
    expect(await refusal(read(whole.subarray(0, length)))).toMatchObject({ code: 'REQUEST_INVALID' });
  }
});

test('a file of just the limit is taken, one more byte is an error of that file alone', async () => {
  const parts = [300, 301, 300].map((length) => ({
    name: 'file',
    filename: `${length}.png`,
    content: Buffer.alloc(length, 1),
  }));
  const { files } = await read(encode(parts));
  expect(
    files.map(({ content }) => ('bytes' in content ? content.bytes.length : content.error.code)),
  ).toEqual([300, 'IMAGE_TOO_LARGE', 300]);
  expect(files[1]).toMatchObject({ content: { error: { message: expect.stringContaining('300') } } });
});

test.each([
  ['more files than the limit', Array.from({ length: 6 }, () => fileOf()), 'TOO_MANY_IMAGES', /takes 5/],
  [
    'very many fields',
    Array.from({ length: 17 }, (_, index) => fieldOf(`f${index}`)),
    'REQUEST_INVALID',
    /16 fields/,
  ],
  ['a very long field', [fieldOf('features', 5000)], 'REQUEST_INVALID', /features is longer than 4096/],
])('a form with %s is refused', async (_, parts, code, message) => {
  expect(await refusal(read(encode(parts), type, 1000))).toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

function fileOf(): Part {
  return { name: 'file', filename: 'a.png', content: Buffer.from('x') };
}

function fieldOf(name: string, length = 3): Part {
  return { name, content: Buffer.alloc(length, 'x') };
}

test.each(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/mixed; boundary=border'])(
  'the type %s is refused',
  async (contentType) => {
    expect(await refusal(read(encode([]), contentType))).toMatchObject({ code: 'REQUEST_INVALID' });
  },
);

test('a path in a file name is not kept', async () => {
  const { files } = await read(encode([{ ...fileOf(), filename: '../../etc/passwd' }]));
  expect(files.map(({ name }) => name)).toEqual(['passwd']);
});

test('a body that breaks off fails with its error', async () => {
  const body = new Readable({
    read() {
      this.destroy(new Error('the connection broke'));
    },
  });
  await expect(readForm(body, type, limits)).rejects.toThrow('the connection broke');
});
