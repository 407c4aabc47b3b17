import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { command, runProcess, webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();
const tiny = goldenCheckpoint('vit-tiny-p14');
const run = (...parameters: string[]) => webssl(parameters, { cwd: folder });
/** Files of the folder that a command may have left. */
const files = () => readdirSync(folder).sort();

beforeAll(() => {
  cpSync(goldenImage('china.jpg'), join(folder, 'photo.jpg'));
  writeFileSync(join(folder, 'truncated.jpg'), readFileSync(goldenImage('china.jpg')).subarray(0, 9000));
  writeFileSync(join(folder, 'empty.png'), '');
  cpSync(goldenImage('china.jpg'), join(folder, 'photo.json'));
  writeFileSync(join(folder, 'note.txt'), 'this is no photograph');
  writeFileSync(
    join(folder, 'drawing.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
  );
  writeFileSync(join(folder, 'huge.png'), hugePng());
  mkdirSync(join(folder, 'no-images'));
  mkdirSync(join(folder, 'folder.npy'));
  writeFileSync(join(folder, 'no-images', 'note.txt'), 'nothing here');
  symlinkSync(join(folder, 'gone.jpg'), join(folder, 'dangling.jpg'));
});

/** A PNG whose header says 50,000 x 50,000 pixels. */
function hugePng(): Buffer {
  const png = readFileSync(goldenImage('size-1x1.png'));
  png.writeUInt32BE(50_000, 16);
  png.writeUInt32BE(50_000, 20);
  return png;
}

describe('one image that cannot be read', () => {
  it.each([
    ['truncated.jpg', 'IMAGE_DAMAGED'],
    ['empty.png', 'IMAGE_EMPTY'],
    ['note.txt', 'IMAGE_FORMAT_UNSUPPORTED'],
    ['drawing.svg', 'IMAGE_FORMAT_UNSUPPORTED'],
    ['huge.png', 'IMAGE_TOO_LARGE'],
    ['dangling.jpg', 'IMAGE_NOT_FOUND'],
    ['missing.jpg', 'IMAGE_NOT_FOUND'],
  ])('%s: %s, exit code 1, and no file', async (image, code) => {
    const before = files();
    const result = await run('embed', image, '--model', tiny, '--out', 'bad.safetensors');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`${image}: ${code}:`);
    expect(files()).toEqual(before);
  });

  it('does not take the others with it: exit code 3, the rest is written, the error is recorded', async () => {
    const result = await run(
      'embed',
      'empty.png',
      'photo.jpg',
      'huge.png',
      '--model',
      tiny,
      '--out',
      'some.json',
    );
    expect(result.code).toBe(3);
    expect(result.stdout).toContain('1 image embedded, 2 failed');
    const { images } = JSON.parse(readFileSync(join(folder, 'some.json'), 'utf8'));
    expect(images).toMatchObject([
      { image: 'empty.png', error: { code: 'IMAGE_EMPTY' } },
      { image: 'photo.jpg', features: { cls: { dims: [64] } } },
      { image: 'huge.png', error: { code: 'IMAGE_TOO_LARGE' } },
    ]);
  });
});

describe('a command that cannot work', () => {
  it.each([
    ['a folder without images', ['embed', 'no-images', '--model', tiny], 1, 'IMAGES_NOT_FOUND'],
    ['a pattern without images', ['embed', 'no-images/*.jpg', '--model', tiny], 1, 'IMAGES_NOT_FOUND'],
    [
      'an unknown model',
      ['embed', 'photo.jpg', '--model', 'facebook/webssl-mae700m'],
      1,
      'webssl-mae700m-full2b-224',
    ],
    ['a model folder that is empty', ['embed', 'photo.jpg', '--model', './no-images'], 1, 'config.json'],
    [
      'a missing output folder',
      ['embed', 'photo.jpg', '--model', tiny, '--out', 'x/y.npy'],
      1,
      'OUTPUT_FOLDER_MISSING',
    ],
    [
      'one of the images as the output',
      ['embed', 'photo.jpg', 'photo.json', '--model', tiny, '--out', './photo.json'],
      1,
      'is one of the images',
    ],
    [
      'a folder as the output',
      ['embed', 'photo.jpg', '--model', tiny, '--out', 'none.npy/'],
      1,
      'none.npy/ is a folder',
    ],
    [
      'more threads than there is a use for',
      ['embed', 'photo.jpg', '--model', tiny, '--threads', '9999'],
      2,
      'this machine has',
    ],
    [
      'an unknown output format',
      ['embed', 'photo.jpg', '--model', tiny, '--out', 'y.csv'],
      2,
      'OUTPUT_FORMAT_UNKNOWN',
    ],
    [
      'several features for npy',
      ['embed', 'photo.jpg', '--features', 'cls,mean', '--out', 'y.npy'],
      2,
      'one feature',
    ],
    [
      'an unknown feature',
      ['embed', 'photo.jpg', '--model', tiny, '--features', 'pooler'],
      2,
      'FEATURE_UNKNOWN',
    ],
    ['no device name', ['embed', 'photo.jpg', '--model', tiny, '--device', 'CPU'], 2, 'Did you mean cpu?'],
    ['no image size', ['embed', 'photo.jpg', '--model', tiny, '--image-size', '12 x 12'], 2, '448x672'],
    [
      'a size that patches do not divide',
      ['embed', 'photo.jpg', '--model', tiny, '--image-size', '225'],
      2,
      'GRAPH_SIZE_INVALID',
    ],
    ['an unknown option', ['embed', '--colour'], 2, 'unknown option'],
    ['an unknown command', ['embedd'], 2, 'Did you mean embed?'],
    [
      'an unknown preprocess format',
      ['preprocess', 'photo.jpg', '--model', tiny, '--out', 'y.gif'],
      2,
      'OUTPUT_FORMAT_UNKNOWN',
    ],
    ['an unknown model to show', ['models', 'show', 'nonsense'], 1, 'MODEL_UNKNOWN'],
  ])('%s', async (_, parameters, code, message) => {
    const before = files();
    const result = await run(...parameters);
    expect(result.stdout).toBe('');
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(code);
    expect(files()).toEqual(before);
  });

  it('a catalogue model that is not on disk: says where it looked and what to do', async () => {
    const { code, stderr } = await webssl(['models', 'path', 'webssl-mae300m-full2b-224'], {
      cwd: folder,
      environment: { HF_HUB_CACHE: join(folder, 'cache') },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('MODEL_NOT_ON_DISK');
  });
});

describe('a file that cannot be finished', () => {
  const many = Array.from({ length: 40 }, () => 'photo.jpg');
  // Each argument is an image once, so the same photograph needs many names.
  beforeAll(() => {
    for (const index of many.keys())
      cpSync(goldenImage('china.jpg'), join(folder, 'no-images', `${index}.jpg`));
  });

  it('leaves nothing under its name when the process is killed, and the next run is not disturbed', async () => {
    const parameters = [
      'embed',
      'no-images',
      '--model',
      tiny,
      '--features',
      'last_hidden_state',
      '--json',
      '--out',
      'killed.safetensors',
    ];
    const killed = await webssl(parameters, {
      cwd: folder,
      signalAfter: { text: '\n', signal: 'SIGKILL' },
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(files()).not.toContain('killed.safetensors');
    expect((await run(...parameters)).code).toBe(0);
    expect(files()).toContain('killed.safetensors');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing after %s, and exits with 130',
    async (signal) => {
      const before = files();
      const { code, stderr } = await webssl(
        ['embed', 'no-images', '--model', tiny, '--json', '--out', 'interrupted.safetensors'],
        {
          cwd: folder,
          signalAfter: { text: '\n', signal },
        },
      );
      expect(code).toBe(130);
      expect(stderr).toContain('Interrupted');
      expect(files()).toEqual(before);
    },
  );

  it('is finished although the reader of stdout has gone', async () => {
    const parameters = ['embed', 'no-images', '--model', tiny, '--json', '--out', 'unread.npy'];
    const result = await runProcess(
      'bash',
      ['-c', 'set -o pipefail; "$@" | head -n 1', 'bash', process.execPath, command, ...parameters],
      { cwd: folder },
    );
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(files()).toContain('unread.npy');
    expect(files().filter((file) => file.includes('unread.npy'))).toEqual(['unread.npy', 'unread.npy.json']);
  });

  it('ends without a word when nobody reads the features on stdout', async () => {
    const parameters = ['embed', 'no-images', '--model', tiny, '--json', '--features', 'last_hidden_state'];
    const result = await runProcess(
      'bash',
      ['-c', 'set -o pipefail; "$@" | head -c 1', 'bash', process.execPath, command, ...parameters],
      { cwd: folder },
    );
    expect(result).toEqual({ code: 0, signal: null, stdout: '{', stderr: '' });
  });

  it.skipIf(process.platform === 'win32')('says that the disk is full and leaves nothing', async () => {
    const before = files();
    // A limit on the size of files stands for a full disk: write() fails half way.
    const script = 'ulimit -f 1000; exec "$@"';
    const { code, stderr } = await runProcess(
      'bash',
      ['-c', script, 'bash', process.execPath, command].concat([
        'embed',
        'no-images',
        '--model',
        tiny,
        '--features',
        'last_hidden_state',
        '--out',
        'full.safetensors',
      ]),
      { cwd: folder },
    );
    expect(code).toBe(1);
    expect(stderr).toContain('OUTPUT_WRITE_FAILED');
    expect(files()).toEqual(before);
  });
});
