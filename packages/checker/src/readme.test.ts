import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recordSchemas } from './records.js';
import { thresholdsSchema } from './thresholds.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README names', () => {
  it.each(Object.entries(recordSchemas))('%s and each of its keys', (record, schema) => {
    const objects = schema instanceof z.ZodObject ? [schema] : schema.options;
    const keys = objects.flatMap(({ shape }) => Object.keys(shape));
    const names = [record, ...new Set(keys)];
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('every threshold', () => {
    const keys = Object.keys(thresholdsSchema.unwrap().shape);
    expect(keys.filter((key) => !readme.includes(`\`${key}\``))).toEqual([]);
  });
});
