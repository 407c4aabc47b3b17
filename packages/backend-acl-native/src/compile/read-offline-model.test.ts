import { mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { fixtureModel } from '@webssl/backend/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompilationPlan } from './compilation-plan.js';
import { manifestName, type OfflineModelManifest } from './manifest.js';
import { offlineModelFor } from './offline-model-for.js';
import { parseManifest, readOfflineModel } from './read-offline-model.js';
import { offlineModelBytes } from './testing/compiler-double.js';
import { refusal } from './testing/refusal.js';
import { fixturePlan } from './testing/requests.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { writeManifest } from './write-manifest.js';

const source = fixtureModel();

/** A folder as the compiler and this package leave it. */
async function modelFolder(change: Partial<CompilationPlan> = {}, suffix = ''): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, `model${suffix}.om`), offlineModelBytes());
  mkdirSync(join(folder, 'weight', 'nested'), { recursive: true });
  writeFileSync(join(folder, 'weight', 'nested', 'w'), 'numbers');
  const plan = { ...fixturePlan, ...change };
  await writeManifest(folder, {
    model: { id: 'fixture', fingerprint: await source.fingerprint(), synthetic: true },
    ...plan,
    size: { ...plan.size },
    outputs: [...plan.outputs],
    batchSizes: [...plan.batchSizes],
    command: ['atc'],
    compilerVersion: '8.5.0',
  });
  return folder;
}

type Damage = readonly [what: string, damage: (folder: string) => unknown, message: RegExp];

const textOf = (folder: string) => readFileSync(join(folder, manifestName), 'utf8');

function edit(folder: string, change: (manifest: OfflineModelManifest) => unknown): void {
  writeFileSync(join(folder, manifestName), JSON.stringify(change(JSON.parse(textOf(folder)))));
}

describe('the manifest of an offline model', () => {
  it('is read back as it was written, hashes included', async () => {
    const folder = await modelFolder();
    const { manifest } = await readOfflineModel(folder);
    expect(manifest.files).toEqual([
      {
        path: 'model.om',
        bytes: 263,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      {
        path: 'weight/nested/w',
        bytes: 7,
        // printf numbers | sha256sum
        sha256: 'f3c7807d475073ba009bf4801b2d934e9f0126cb96dd19a27dbffcae23a7f5a3',
      },
    ]);
  });

  it('gives the real path of the folder', async () => {
    const folder = await modelFolder();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(folder, link);
    expect((await readOfflineModel(link)).folder).toBe(realpathSync(folder));
  });

  it('knows a model that was compiled for another system', async () => {
    const folder = await modelFolder({}, '_linux_aarch64');
    expect((await readOfflineModel(folder)).manifest.offlineModel).toBe('model_linux_aarch64.om');
  });

  it.each<Damage>([
    ['no folder', (folder: string) => rmSync(folder, { recursive: true }), /there is no such folder/],
    [
      'no manifest',
      (folder: string) => rmSync(join(folder, manifestName)),
      /there is no webssl-offline-model\.json/,
    ],
    ['no JSON', (folder: string) => writeFileSync(join(folder, manifestName), '{'), /is not JSON/],
    ['another format', (folder: string) => edit(folder, (old) => ({ ...old, format: 2 })), /format/],
    ['a missing field', (folder: string) => edit(folder, ({ soc: _, ...rest }) => rest), /soc/],
    ['more than known', (folder: string) => edit(folder, (old) => ({ ...old, more: 1 })), /more/],
    [
      'a wrong output',
      (folder: string) => edit(folder, (old) => ({ ...old, outputs: ['x'] })),
      /an output such as/,
    ],
    [
      'no offline model listed',
      (folder: string) => edit(folder, (old) => ({ ...old, offlineModel: 'other.om' })),
      /does not list other\.om/,
    ],
    ['a file outside', (folder: string) => edit(folder, listing('../secret')), /a path below the folder/],
    ...['./model.om', 'weight//w', 'weight\\w', '/etc/passwd', 'weight/.', ''].map(
      (path): Damage => [
        `the path ${path}`,
        (folder: string) => edit(folder, listing(path)),
        /a path below the folder/,
      ],
    ),
    ['a file twice', (folder: string) => edit(folder, listing('model.om')), /each file once/],
    ...[
      [4, 1],
      [1, 1],
    ].map(
      (batchSizes): Damage => [
        `the batch sizes ${batchSizes}`,
        (folder: string) => edit(folder, (old) => ({ ...old, batchSizes })),
        /ascending batch sizes/,
      ],
    ),
    ...[[1_000_001], Array.from({ length: 101 }, (_, index) => index + 1)].map(
      (batchSizes): Damage => [
        `${batchSizes.length} batch sizes up to ${batchSizes.at(-1)}`,
        (folder: string) => edit(folder, (old) => ({ ...old, batchSizes })),
        /Too big.*\n.*batchSizes/,
      ],
    ),
    [
      'an output twice',
      (folder: string) => edit(folder, (old) => ({ ...old, outputs: [...old.outputs, ...old.outputs] })),
      /each output once/,
    ],
    ['no SoC', (folder: string) => edit(folder, (old) => ({ ...old, soc: '../x' })), /soc/],
    [
      'a link that leaves it',
      (folder: string) => {
        const elsewhere = join(temporaryFolder(), 'w');
        writeFileSync(elsewhere, 'numbers');
        rmSync(join(folder, 'weight', 'nested', 'w'));
        symlinkSync(elsewhere, join(folder, 'weight', 'nested', 'w'));
      },
      /weight\/nested\/w is a link to .*, outside the folder/,
    ],
    [
      'a missing file',
      (folder: string) => rmSync(join(folder, 'weight', 'nested', 'w')),
      /weight\/nested\/w is missing/,
    ],
    [
      'a longer file',
      (folder: string) => writeFileSync(join(folder, 'weight', 'nested', 'w'), 'numbers!'),
      /has 8 bytes instead of 7/,
    ],
    [
      'other content',
      (folder: string) => writeFileSync(join(folder, 'model.om'), Buffer.alloc(263)),
      /does not begin with IMOD/,
    ],
  ])('is refused with %s', async (_, damage, message) => {
    const folder = await modelFolder();
    damage(folder);
    const error = await refusal(readOfflineModel(folder));
    expect(error.code).toBe('BACKEND_OFFLINE_MODEL_INVALID');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(folder);
  });

  it('answers any text with a manifest or a refusal', async () => {
    const text = textOf(await modelFolder());
    const json = JSON.parse(text);
    const damagedText = fc
      .tuple(fc.nat(text.length - 1), fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 4 }))
      .map(([at, inserted]) => text.slice(0, at) + inserted + text.slice(at + inserted.length));
    const damagedValue = fc
      .tuple(fc.constantFrom(...Object.keys(json)), fc.jsonValue())
      .map(([key, value]) => JSON.stringify({ ...json, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), damagedText, damagedValue), (candidate) => {
        try {
          const manifest = parseManifest('/folder', candidate);
          expect(manifest).toEqual(JSON.parse(candidate));
          expect(manifest.files.some(({ path }) => path === manifest.offlineModel)).toBe(true);
        } catch (error) {
          if (!WebsslError.isInstance(error, 'BACKEND_OFFLINE_MODEL_INVALID')) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a folder that the caller names', () => {
  it.each([
    { outputs: ['last_hidden_state'], tokens: 'cls' },
    { outputs: ['last_hidden_state'], tokens: 'all' },
    { outputs: ['hidden_states.1', 'last_hidden_state'], tokens: 'patches' },
  ] as const)('serves what it contains: %j', async (asked) => {
    const all = { outputs: ['last_hidden_state', 'hidden_states.1'], tokens: 'all' } as const;
    const folder = await modelFolder({ ...all, batchSizes: [2] });
    const model = await offlineModelFor(source, {
      ...fixturePlan,
      ...asked,
      offlineModel: folder,
      cacheFolder: temporaryFolder(),
    });
    expect(model.manifest.batchSizes).toEqual([2]);
    expect(model.manifest.outputs).toEqual(all.outputs);
  });

  it.each([
    [
      { soc: 'Ascend310P3' },
      /was compiled for Ascend910B4, and the device is Ascend310P3/,
      '--soc Ascend310P3',
    ],
    [{ precision: 'fp16' as const }, /computes in fp32, and fp16 is asked for/, '--precision fp16'],
    [{ size: { height: 24, width: 12 } }, /takes images of 12x12, and 24x12/, '--image-size 24x12'],
    [
      { tokens: 'all' as const },
      /last_hidden_state \(tokens: cls\), and .* \(tokens: all\)/,
      '--features last_hidden_state',
    ],
    [{ outputs: ['hidden_states.1'] as const }, /and hidden_states\.1 /, '--features hidden_states.1'],
  ])('is refused where it does not fit: %j', async (asked, message, option) => {
    const folder = await modelFolder();
    const error = await refusal(
      offlineModelFor(source, {
        ...fixturePlan,
        ...asked,
        offlineModel: folder,
        cacheFolder: temporaryFolder(),
      }),
    );
    expect(error.code).toBe('BACKEND_OFFLINE_MODEL_UNFIT');
    expect(error.message).toMatch(message);
    expect(error.details['command']).toContain(option);
    expect(error.message).toContain(String(error.details['command']));
  });

  it('is refused for another model', async () => {
    const folder = await modelFolder();
    const other = { ...source, key: 'other', fingerprint: async () => 'other' };
    const error = await refusal(
      offlineModelFor(other, { ...fixturePlan, offlineModel: folder, cacheFolder: temporaryFolder() }),
    );
    expect(error.message).toContain(
      'made of fixture with other weights or config than those of testkit-fixture',
    );
  });
});

function listing(path: string) {
  return (manifest: OfflineModelManifest) => {
    const [first] = manifest.files;
    return { ...manifest, files: [...manifest.files, { ...first, path }] };
  };
}
