import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openTensorIndex, readNpy, readTensor, writeSafetensors } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage, goldenOutputs } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();
const tiny = goldenCheckpoint('vit-tiny-p14');
const photographs = ['astronaut.png', 'chelsea.png'];

beforeAll(() => {
  mkdirSync(join(folder, 'photos', 'more'), { recursive: true });
  cpSync(goldenImage('astronaut.png'), join(folder, 'photos', 'astronaut.png'));
  cpSync(goldenImage('chelsea.png'), join(folder, 'photos', 'more', 'chelsea.png'));
  cpSync(goldenImage('china.jpg'), join(folder, 'photo.jpg'));
});

const run = (...parameters: string[]) => webssl(parameters, { cwd: folder });

/** Row 0 of the golden last_hidden_state: the CLS feature that the reference computes. */
async function goldenCls(image: string): Promise<Float32Array> {
  const example = goldenOutputs().find(
    (entry) => entry.checkpoint === 'vit-tiny-p14' && entry.image === image && entry.size === null,
  );
  const entry = (await openTensorIndex(example?.path ?? '')).tensors.get('last_hidden_state');
  if (entry === undefined) throw new Error(`no golden state of ${image}`);
  return (await readTensor(entry)).data.slice(0, 64);
}

async function expectGolden(rows: Float32Array): Promise<void> {
  for (const [index, image] of photographs.entries()) {
    const expected = await goldenCls(image);
    const row = rows.subarray(index * 64, (index + 1) * 64);
    for (const [channel, value] of expected.entries()) expect(row[channel]).toBeCloseTo(value, 4);
  }
}

describe('webssl embed', () => {
  it('writes one safetensors tensor a feature, the images first, and where it all came from', async () => {
    const { code, stdout, stderr } = await run(
      ...['embed', 'photos', '--model', tiny, '--features', 'cls,patches', '--out', 'out.safetensors'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('2 images embedded -> out.safetensors');
    const { tensors, metadata } = await openTensorIndex(join(folder, 'out.safetensors'));
    expect([...tensors.values()].map(({ name, shape }) => [name, shape])).toEqual([
      ['cls', [2, 64]],
      ['patches', [2, 256, 64]],
    ]);
    expect(metadata).toMatchObject({ model: tiny, synthetic: 'false', normalized: 'false' });
    expect(metadata['device']).toMatch(/^cpu:fp32/);
    expect(JSON.parse(metadata['images'] ?? '')).toEqual([
      join('photos', 'astronaut.png'),
      join('photos', 'more', 'chelsea.png'),
    ]);
    expect(JSON.parse(metadata['processing'] ?? '')).toMatchObject({
      type: 'BitImageProcessor',
      exif: 'ignore',
    });
    const cls = tensors.get('cls');
    if (cls === undefined) throw new Error('no cls');
    await expectGolden((await readTensor(cls)).data);
  });

  it('writes npy with its companion', async () => {
    expect(await run('embed', 'photos/**/*.png', '--model', tiny, '--out', 'out.npy')).toMatchObject({
      code: 0,
    });
    const { data, dims } = await readNpy(join(folder, 'out.npy'));
    expect(dims).toEqual([2, 64]);
    await expectGolden(data);
    expect(JSON.parse(readFileSync(join(folder, 'out.npy.json'), 'utf8'))).toMatchObject({
      model: tiny,
      synthetic: false,
      images: [join('photos', 'astronaut.png'), join('photos', 'more', 'chelsea.png')],
    });
  });

  it('writes json and json lines', async () => {
    await run('embed', 'photos', '--model', tiny, '--out', 'out.json');
    const { images, model } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));
    expect({ model, count: images.length }).toEqual({ model: tiny, count: 2 });
    await run('embed', 'photos', '--model', tiny, '--out', 'out.jsonl');
    const lines = readFileSync(join(folder, 'out.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ features }) => features)).toEqual(
      images.map(({ features }: { features: unknown }) => features),
    );
    await expectGolden(Float32Array.from(lines.flatMap(({ features }) => features.cls.data)));
  });

  it('prints json lines with the features when no file is named, and nothing else on stdout', async () => {
    const { code, stdout } = await run('embed', 'photos', '--model', tiny, '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      { index: 0, image: join('photos', 'astronaut.png'), features: { cls: { dims: [64] } } },
      { index: 1, features: { cls: { dims: [64] } } },
    ]);
    await expectGolden(Float32Array.from(lines.flatMap(({ features }) => features.cls.data)));
  });

  it('embeds the example photograph when no image is named, and says so', async () => {
    const { code, stdout, stderr } = await run('embed', '--model', tiny);
    expect(code).toBe(0);
    expect(stderr).toContain('the example photograph');
    expect(stdout).toContain('1 image embedded -> features.safetensors');
    rmSync(join(folder, 'features.safetensors'));
  });

  it('takes another image size', async () => {
    await run(
      'embed',
      'photo.jpg',
      '--model',
      tiny,
      '--image-size',
      '28x42',
      '--features',
      'patches',
      '--out',
      'out.npy',
    );
    expect((await readNpy(join(folder, 'out.npy'))).dims).toEqual([1, 6, 64]);
  });

  it('gives the same bits with any batch and any number of threads', async () => {
    const files = [];
    for (const extra of [[], ['--batch', '2'], ['--threads', '1']]) {
      await run('embed', 'photos', '--model', tiny, '--out', 'out.npy', ...extra);
      files.push(readFileSync(join(folder, 'out.npy')));
    }
    expect(files[1]).toEqual(files[0]);
    expect(files[2]).toEqual(files[0]);
  });

  it('understands paths from where the user typed when pnpm changed the folder', async () => {
    const { code } = await webssl(['embed', 'photo.jpg', '--model', tiny, '--out', 'typed-here.npy'], {
      cwd: join(import.meta.dirname, '..'),
      environment: { INIT_CWD: folder, npm_lifecycle_event: 'start', npm_package_name: '@webssl/cli' },
    });
    expect(code).toBe(0);
    expect(readdirSync(folder)).toContain('typed-here.npy');
  });

  it('says in every output that weights are synthetic', async () => {
    const synthetic = join(folder, 'synthetic');
    cpSync(tiny, synthetic, { recursive: true });
    const { tensors } = await openTensorIndex(tiny);
    const copies = await Promise.all(
      [...tensors.values()].map(async (entry) => [entry.name, await readTensor(entry)]),
    );
    await writeSafetensors(join(synthetic, 'model.safetensors'), Object.fromEntries(copies), {
      'webssl.synthetic': 'true',
      'webssl.seed': '0',
    });
    for (const file of ['out.safetensors', 'out.npy', 'out.json', 'out.jsonl']) {
      const { stdout } = await run('embed', 'photo.jpg', '--model', synthetic, '--out', file);
      expect(stdout).toContain('SYNTHETIC WEIGHTS');
      const written = readFileSync(join(folder, file === 'out.npy' ? 'out.npy.json' : file), 'latin1');
      expect(written).toMatch(/"synthetic":\s*"?true/);
    }
    expect((await run('embed', 'photo.jpg', '--model', synthetic, '--json')).stdout).toContain(
      '"synthetic":true',
    );
  });
});
