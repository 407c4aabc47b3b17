import { execFileSync } from 'node:child_process';
import { shellQuote } from '@webssl/backend/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilationPlan, covers, planKey } from './compilation-plan.js';
import { compilerArguments, operatorPrecisions } from './compiler-arguments.js';
import { exportCommand } from './export-command.js';
import type { HostCpu } from './host-cpu.js';
import { fixturePlan } from './testing/requests.js';

const plan = { ...fixturePlan, size: { height: 224, width: 336 } };
const otherCpu: HostCpu = process.arch === 'arm64' ? 'x64' : 'arm64';
const description = {
  id: 'facebook/webssl-mae700m-full2b-224',
  architecture: 'vit',
  hiddenSize: 1280,
  layers: 32,
  heads: 16,
  patchSize: 14,
  imageSize: { height: 224, width: 224 },
  weightType: 'F32',
  weightBytes: 1,
  synthetic: false,
};

describe('the arguments of the compiler', () => {
  it('name every batch size of a model with gears', () => {
    expect(compilerArguments({ ...plan, batchSizes: [1, 4, 8], hostCpu: 'arm64' })).toEqual([
      '--framework=5',
      '--model=onnx/model.onnx',
      '--output=model',
      '--soc_version=Ascend910B4',
      '--host_env_os=linux',
      '--host_env_cpu=aarch64',
      '--input_format=NCHW',
      '--input_shape=pixel_values:-1,3,224,336',
      '--dynamic_batch_size=1,4,8',
      '--precision_mode_v2=origin',
      '--op_precision_mode=operator-precision.ini',
      '--external_weight=1',
      '--log=error',
    ]);
  });

  it('name the processor of this machine unless told another', () => {
    const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    expect(compilerArguments(plan)).toContain(`--host_env_cpu=${own}`);
    expect(compilerArguments({ ...plan, hostCpu: 'x64' })).toContain('--host_env_cpu=x86_64');
  });

  it('fix the batch of a model for one size', () => {
    const given = compilerArguments({ ...plan, batchSizes: [8] });
    expect(given).toContain('--input_shape=pixel_values:8,3,224,336');
    expect(given.join(' ')).not.toContain('--dynamic_batch_size');
  });

  it.each([
    ['fp16', '--precision_mode_v2=fp16'],
    ['mixed', '--precision_mode_v2=mixed_float16'],
  ] as const)('say %s as the compiler does', (precision, word) => {
    const given = compilerArguments({ ...plan, precision });
    expect(given).toContain(word);
    expect(given.join(' ')).not.toContain('op_precision_mode');
  });

  it.each(['Ascend910B1', 'Ascend910B2C', 'Ascend910B4-1', 'Ascend910_9391', 'Ascend950PR'])(
    'forbid HF32 for float32 on %s',
    (soc) => {
      const text = operatorPrecisions({ ...plan, soc });
      for (const operator of ['Conv2D', 'MatMulV2', 'BatchMatMulV2', 'GEMM']) {
        expect(text).toContain(`\n${operator}=enable_float_32_execution\n`);
      }
    },
  );

  it.each(['Ascend310P3', 'Ascend910A', 'Ascend910B', 'Ascend910ProB'])(
    'leave out on %s what it lacks',
    (soc) => {
      expect(operatorPrecisions({ ...plan, soc })).toBeUndefined();
    },
  );
});

describe('a plan', () => {
  it('is the same however it is asked for', () => {
    const one = compilationPlan({
      ...plan,
      batchSizes: [8, 1, 8],
      outputs: ['hidden_states.2', 'attentions.0'],
    });
    expect(one).toMatchObject({
      batchSizes: [1, 8],
      outputs: ['attentions.0', 'hidden_states.2'],
      tokens: 'all',
    });
  });

  it.each([[[]], [[0]], [[1.5]], [[1_000_001]], [Array.from({ length: 101 }, (_, index) => index + 1)]])(
    'refuses the batch sizes %j',
    (batchSizes) => {
      expect(() => compilationPlan({ ...plan, batchSizes })).toThrow(
        expect.objectContaining({
          code: 'BACKEND_OPTION_INVALID',
          message: expect.stringContaining('batchSizes'),
        }),
      );
    },
  );

  it.each(['', '../x', 'Ascend 910', '--soc'])('refuses the SoC %j', (soc) => {
    expect(() => compilationPlan({ ...plan, soc })).toThrow(/soc: .* must be the name of an Ascend SoC/);
  });

  it('has another key whenever anything differs', () => {
    const variants = [
      plan,
      { ...plan, size: { height: 336, width: 224 } },
      { ...plan, outputs: ['hidden_states.1'] as const },
      { ...plan, tokens: 'all' as const },
      { ...plan, precision: 'fp16' as const },
      { ...plan, soc: 'Ascend910B3' },
      { ...plan, batchSizes: [1] },
      { ...plan, hostCpu: otherCpu },
    ];
    const keys = variants.map((variant) => planKey('weights', variant, compilerArguments(variant)));
    keys.push(planKey('other weights', plan, compilerArguments(plan)));
    keys.push(planKey('weights', plan, [...compilerArguments(plan), '--more']));
    expect(new Set(keys).size).toBe(keys.length);
    expect(planKey('weights', plan, compilerArguments(plan))).toBe(keys[0]);
  });

  it.each([
    ['all', 'cls', true],
    ['cls', 'cls', true],
    ['cls', 'all', false],
    ['patches', 'cls', false],
  ] as const)('for %s tokens serves %s: %s', (offered, asked, fits) => {
    const outputs = ['last_hidden_state'] as const;
    expect(covers({ outputs, tokens: offered }, { outputs, tokens: asked })).toBe(fits);
  });
});

describe('the export command', () => {
  it('asks for exactly the plan', () => {
    const outputs = ['hidden_states.3', 'last_hidden_state'] as const;
    expect(exportCommand(description, { ...plan, outputs, hostCpu: 'arm64' })).toBe(
      'webssl export om --model facebook/webssl-mae700m-full2b-224 --soc Ascend910B4 --host-cpu arm64 --batch 1,4 --precision fp32 ' +
        '--features hidden_states.3,cls --image-size 224x336 --out Ascend910B4-fp32',
    );
  });

  it('names a revision, and quotes what a shell would take apart', () => {
    const own = { ...description, id: "my model's folder", revision: 'v1' };
    expect(exportCommand(own, { ...plan, hostCpu: 'x64', size: description.imageSize, tokens: 'all' })).toBe(
      "webssl export om --model 'my model'\\''s folder' --revision v1 --soc Ascend910B4 --host-cpu x64 --batch 1,4 --precision fp32 " +
        '--features last_hidden_state --out Ascend910B4-fp32',
    );
  });

  it('is taken apart by a shell into the same words', () => {
    const word = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const script = `for word in ${shellQuote(words)}; do printf '%s\\0' "$word"; done`;
        const output = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
        expect(output.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 30 },
    );
  });
});
