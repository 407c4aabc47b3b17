import { WebsslError } from '@webssl/backend';
import { layoutSafetensors } from '@webssl/tensor-files';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSafetensors } from './read-safetensors.js';

interface Part {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A file by the writer that the server uses. */
function file(
  parts: Readonly<Record<string, Part>>,
  metadata: Readonly<Record<string, string>> = {},
): ArrayBuffer {
  const layout = layoutSafetensors(
    Object.entries(parts).map(([name, { shape }]) => ({ name, type: 'F32', shape })),
    metadata,
  );
  const bytes = layout.tensors.map(
    ({ name }) => new Uint8Array(parts[name]?.data.buffer ?? new ArrayBuffer(0)),
  );
  return exactly(Buffer.concat([layout.header, ...bytes]));
}

const exactly = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

const part = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) =>
  fc
    .array(fc.float(), {
      minLength: shape.reduce((product, size) => product * size, 1),
      maxLength: shape.reduce((product, size) => product * size, 1),
    })
    .map((values) => ({ shape, data: Float32Array.from(values) })),
);
const parts = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__metadata__' && name !== '__proto__'),
  part,
  { maxKeys: 4, noNullPrototype: true },
);

it('reads back what the server writes, bit by bit', () => {
  fc.assert(
    fc.property(parts, fc.string({ maxLength: 5 }), (written, note) => {
      const read = readSafetensors(file(written, { note }));
      expect([...read.keys()].sort()).toEqual(Object.keys(written).sort());
      for (const [name, { shape, data }] of Object.entries(written)) {
        expect(read.get(name)?.shape).toEqual(shape);
        expect(new Uint8Array(read.get(name)?.data.buffer ?? new ArrayBuffer(0))).toEqual(
          new Uint8Array(data.buffer),
        );
      }
    }),
  );
});

it('reads data that does not begin at a multiple of four bytes', () => {
  const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  for (let padding = 0; padding < 4; padding++) {
    const text = Buffer.from(header + ' '.repeat(padding));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const value = Buffer.from(Float32Array.of(-1.5).buffer);
    expect([
      ...(readSafetensors(exactly(Buffer.concat([length, text, value]))).get('a')?.data ?? []),
    ]).toEqual([-1.5]);
  }
});

it('refuses everything else with one error', () => {
  const whole = new Uint8Array(file({ cls: { shape: [3], data: Float32Array.of(1, 2, 3) } }));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
      expect(() => readSafetensors(exactly(whole.subarray(0, length)))).toThrow(WebsslError);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        readSafetensors(exactly(bytes));
      } catch (error) {
        expect(WebsslError.isInstance(error, 'ANSWER_UNREADABLE')).toBe(true);
      }
    }),
  );
});

it.each([
  ['a shape that is no list', '{"a":{"dtype":"F32","shape":3,"data_offsets":[0,4]}}'],
  ['offsets that do not fit the shape', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'],
  ['a negative size', '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[4,0]}}'],
  ['a list as header', '[1]'],
])('refuses %s', (_, header) => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const bytes = exactly(Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]));
  expect(() => readSafetensors(bytes)).toThrow(/not a valid safetensors file/);
});
