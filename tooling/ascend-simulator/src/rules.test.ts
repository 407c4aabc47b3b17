import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileModel, emptyFolder, fixtureFolder, gears, native, runProgram } from './testing.js';

describe.skipIf('missing' in native)('the rules of AscendCL', () => {
  it('are answered as documented, each when it is broken', async () => {
    const folder = await fixtureFolder();
    const prepared = emptyFolder();
    const shape = { input_shape: 'pixel_values:4,3,12,12' };
    renameSync(compileModel(folder, shape), join(prepared, 'static.om'));
    renameSync(compileModel(folder, gears('1,4,8')), join(prepared, 'gears.om'));
    renameSync(compileModel(folder, { ...shape, external_weight: '1' }), join(prepared, 'external.om'));
    mkdirSync(join(prepared, 'weight'));
    renameSync(join(folder, 'out', 'weight'), join(prepared, 'weight'));

    const { code, output } = runProgram('rules-test', [prepared]);
    const lines = output.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(lines.length).toBeGreaterThanOrEqual(100);
    expect(code).toBe(0);
  });

  it('are not answered for nothing: without models, rules are reported broken', () => {
    const { code, output } = runProgram('rules-test', [emptyFolder()]);
    expect(code).toBe(1);
    expect(output).toMatch(/^BROKEN an unknown model id answers 145003: failed$/m);
  });
});
