import { readFile } from 'node:fs/promises';
import type { DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { file_onnx } from './generated/onnx_pb.js';

const schema = await readFile(new URL('../schema/onnx.proto', import.meta.url), 'utf8');

/** `name = number` of every field, in the order of the schema, comments and reserved numbers left out. */
function fieldsOfSchema(): string[] {
  const code = schema.replaceAll(/\/\/.*$/gm, '').replaceAll(/enum \w+ \{[^}]*\}/g, '');
  return [
    ...code.matchAll(/^\s*(?:optional|repeated|required)?\s*[\w.]+\s+(\w+)\s*=\s*(\d+)\s*(?:\[[^\]]*\])?;/gm),
  ]
    .map(([, name, number]) => `${name} = ${number}`)
    .sort();
}

function fieldsOfGeneratedCode(): string[] {
  const fields = (message: DescMessage): string[] => [
    ...message.fields.map(({ name, number }) => `${name} = ${number}`),
    ...message.nestedMessages.flatMap(fields),
  ];
  return file_onnx.messages.flatMap(fields).sort();
}

describe('the generated protobuf code', () => {
  it('has the fields and numbers of the schema', () => {
    const expected = fieldsOfSchema();
    expect(expected.length).toBeGreaterThan(100);
    expect(fieldsOfGeneratedCode()).toEqual(expected);
  });
});
