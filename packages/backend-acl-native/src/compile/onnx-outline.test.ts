import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { fixtureModel, fixtureParts } from '@webssl/backend/testkit';
import { inspectGraph } from '@webssl/graph';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineOnnx } from './onnx-outline.js';

const graphs = join(
  dirname(createRequire(import.meta.url).resolve('@webssl/backend/package.json')),
  'fixture/graphs',
);
const graph = new Uint8Array(readFileSync(join(graphs, 'last-cls-batch-1.onnx')));

describe('the outline of an ONNX model', () => {
  it.each(fixtureParts.map(({ file }) => file))('of %s is what a full parser finds', (file) => {
    const bytes = new Uint8Array(readFileSync(join(graphs, file)));
    const { outputs, weights, operatorSets } = inspectGraph(bytes);
    const outline = outlineOnnx(bytes);
    expect(outline.outputs).toEqual(outputs.map(({ name }) => name));
    expect({ '': outline.opset }).toEqual(operatorSets);
    const ranges = outline.external.map(({ tensor, length, ...rest }) => ({
      ...rest,
      name: tensor,
      byteLength: length,
    }));
    const known = weights.map(({ dims: _, ...rest }) => rest);
    expect(ranges).toHaveLength(known.length);
    expect(ranges).toEqual(expect.arrayContaining(known));
  });

  it('is the same for a graph as the fixture hands it out', async () => {
    const model = await fixtureModel().onnx({
      size: { height: 12, width: 12 },
      batch: 1,
      outputs: ['last_hidden_state'],
      tokens: 'cls',
    });
    expect(outlineOnnx(model.bytes).outputs).toEqual(['last_hidden_state']);
  });

  it.each([
    [
      ['location', 'w'],
      ['offset', '0'],
      ['length', '8'],
      ['checksum', 'abc'],
    ],
    [
      ['location', 'w'],
      ['offset', '0'],
      ['length', '8'],
      ['basepath', '/'],
    ],
  ])('refuses keys that the compiler would take for the length', (...entries) => {
    expect(() => outlineOnnx(modelWith(entries))).toThrow(/key "(?:checksum|basepath)"/);
  });

  it.each([
    [
      [
        ['offset', '0'],
        ['length', '8'],
      ],
      /no location/,
    ],
    [
      [
        ['location', 'w'],
        ['length', '8'],
      ],
      /no offset or length/,
    ],
    [
      [
        ['location', 'w'],
        ['offset', '-1'],
        ['length', '8'],
      ],
      /no offset or length/,
    ],
  ] as const)('refuses external data that says too little', (entries, message) => {
    expect(() => outlineOnnx(modelWith(entries))).toThrow(message);
  });

  it('refuses what is not a model', () => {
    for (const bytes of [
      new Uint8Array(),
      graph.subarray(0, graph.length - 1),
      new TextEncoder().encode('{}'),
    ]) {
      expect(() => outlineOnnx(bytes)).toThrow(expect.objectContaining({ code: 'BACKEND_MODEL_REFUSED' }));
    }
  });

  it('answers any bytes with an outline or a refusal', () => {
    const place = fc.record({ at: fc.nat(graph.length - 1), byte: fc.nat(255) });
    const damaged = fc.array(place, { minLength: 1, maxLength: 8 }).map((places) => {
      const bytes = graph.slice();
      for (const { at, byte } of places) bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          outlineOnnx(bytes);
        } catch (error) {
          expect(WebsslError.isInstance(error, 'BACKEND_MODEL_REFUSED')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** A model with one weight, whose external data has these keys and values. */
function modelWith(entries: readonly (readonly [string, string])[] | readonly string[][]): Uint8Array {
  const data = entries.map(([key = '', value = '']) => field(13, [...string(1, key), ...string(2, value)]));
  const tensor = [...string(8, 'weight'), ...data.flat()];
  return Uint8Array.from(field(7, field(5, tensor)));
}

function string(number: number, text: string): number[] {
  return field(number, [...new TextEncoder().encode(text)]);
}

function field(number: number, content: readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(content.length), ...content];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
