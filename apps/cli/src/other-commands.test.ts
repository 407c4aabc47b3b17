import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTensorIndex } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenPreprocessing } from '@webssl-tooling/fixtures';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();
const tiny = goldenCheckpoint('vit-tiny-p14');
const run = (...parameters: string[]) => webssl(parameters, { cwd: folder });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('webssl', () => {
  it('prints help and exits with 0 when nothing is asked', async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: webssl');
  });

  it.each([['--help'], ['embed', '--help'], ['preprocess', '--help']])(
    '%s %s gives examples',
    async (...parameters) => {
      const { code, stdout } = await run(...parameters);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:\n  webssl ');
    },
  );
});

describe('webssl preprocess', () => {
  const expected = goldenPreprocessing().cases.find(
    ({ processor, image }) => processor === 'webssl-224' && image === 'china.jpg',
  );

  it('writes the pixel values of the reference, bit for bit', async () => {
    const parameters = [
      'preprocess',
      goldenImage('china.jpg'),
      '--model',
      tiny,
      '--out',
      'pixels.safetensors',
    ];
    expect(await run(...parameters)).toMatchObject({ code: 0, stderr: '' });
    const file = join(folder, 'pixels.safetensors');
    const entry = (await openTensorIndex(file)).tensors.get('pixel_values');
    expect(entry?.shape).toEqual([3, 224, 224]);
    const data = readFileSync(file).subarray(entry?.offset, (entry?.offset ?? 0) + (entry?.byteLength ?? 0));
    expect(sha256(data)).toBe(expected?.pixel_values_sha256);
  });

  it('writes the crop as a picture', async () => {
    await run('preprocess', goldenImage('china.jpg'), '--model', tiny, '--out', 'seen.png');
    expect(sha256(await sharp(join(folder, 'seen.png')).raw().toBuffer())).toBe(expected?.rgb_sha256);
  });

  it('needs no weights of a synthetic model', async () => {
    const result = await webssl(
      [
        'preprocess',
        goldenImage('china.jpg'),
        '--model',
        'random:webssl-mae700m-full2b-224',
        '--out',
        'pixels.safetensors',
      ],
      { cwd: folder, environment: { WEBSSL_CACHE: join(folder, 'unwritten') } },
    );
    expect(result.code).toBe(0);
  });
});

describe('webssl models', () => {
  it('lists all 18 with their licence', async () => {
    const { code, stdout } = await run('models', 'list');
    expect(code).toBe(0);
    expect(stdout.match(/^facebook\/webssl-/gm)).toHaveLength(18);
    expect(stdout).toContain('CC-BY-NC-4.0');
    const listed = JSON.parse((await run('models', 'list', '--json')).stdout);
    expect(listed.catalogue).toHaveLength(18);
    expect(listed.others).toBeInstanceOf(Array);
  });

  it('shows one', async () => {
    const { stdout } = await run('models', 'show', 'facebook/webssl-mae700m-full2b-224');
    expect(stdout).toContain('32 layers, width 1280, 16 heads');
    expect(stdout).toContain('CC-BY-NC-4.0');
  });

  it('prints a folder alone', async () => {
    expect(await run('models', 'path', tiny)).toMatchObject({ code: 0, stdout: `${tiny}\n`, stderr: '' });
  });

  it('measures what each layer does', async () => {
    const { code, stdout } = await run('models', 'statistics', tiny, '--json');
    expect(code).toBe(0);
    const { attentionEntropy, effectOfLeavingOut, largestClsCosine } = JSON.parse(stdout);
    expect(attentionEntropy).toHaveLength(4);
    for (const entropy of attentionEntropy) expect(entropy).toBeGreaterThan(0);
    for (const effect of effectOfLeavingOut) expect(effect).toBeGreaterThan(0);
    expect(largestClsCosine).toBeLessThan(1);
  });
});
