import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goldenImage } from '@webssl-tooling/fixtures';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Stranger } from '../stranger.js';
import { addModel } from '../tiny-model.js';

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url));
const photographs = ['china.jpg', 'flower.jpg', 'rocket.jpg', 'chelsea.png'];

export function testExamples(stranger: Stranger): void {
  /** The example installed, with photographs of which one is there twice: smaller and compressed again. */
  async function install(name: string) {
    const { project } = stranger;
    await project.copy(join(examples, name), '.');
    await stranger.manage('npm', 'install');
    await addModel(project);
    for (const image of photographs) await project.copy(goldenImage(image), `photos/${image}`);
    const copy = await sharp(goldenImage('china.jpg')).resize(480).jpeg({ quality: 70 }).toBuffer();
    await project.write({ 'photos/copies/small.jpg': copy, 'photos/broken.jpg': 'no image' });
    return project;
  }

  it('all folders of examples are tested here', () => {
    const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual([
      'image-search',
      'linear-probe',
      'near-duplicates',
    ]);
  });

  it('image search finds the same photograph first, and its copy next', async () => {
    const project = await install('image-search');
    const indexed = await project.run('npm', ['start', '--', 'photos', '--model', './model']);
    expect(indexed.stdout).toContain('5 photographs -> index.safetensors');
    expect(indexed.stderr).toContain('broken.jpg');

    const printed = await project.succeed('npm', ['run', '--silent', 'search', '--', 'photos/china.jpg']);
    const lines = printed.trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(`1.0000 ${join(project.folder, 'photos', 'china.jpg')}`);
    expect(lines[1]).toContain(join('photos', 'copies', 'small.jpg'));

    const missing = await project.run('npm', ['run', '--silent', 'search', '--', 'missing.jpg']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^[^\n]*missing\.jpg[^\n]*\n$/);
  });

  it('the finder of near-duplicates puts a photograph and its copy into one group', async () => {
    const project = await install('near-duplicates');
    const { stdout } = await project.run('npm', [...['start', '--', 'photos', '--model', './model']]);
    expect(stdout).toMatch(
      /joined at a cosine of 0\.9\d+ or more\n {2}photos\/china\.jpg \(.*\n {2}photos\/copies\/small\.jpg/,
    );
    expect(stdout).toContain('5 photographs, 1 groups of near-duplicates');
  });

  it('a linear probe learns labels, and labels photographs that it has not seen', async () => {
    const project = await install('linear-probe');
    for (const [label, background] of [
      ['sky', { r: 90, g: 140, b: 220 }],
      ['grass', { r: 60, g: 150, b: 40 }],
    ] as const) {
      for (let number = 0; number < 11; number++) {
        const image = sharp({
          create: {
            ...{ width: 64, height: 64, channels: 3, background },
            noise: { type: 'gaussian', mean: 0, sigma: 1 + number },
          },
        });
        const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
          .composite([{ input: await image.png().toBuffer(), blend: 'add' }])
          .png()
          .toBuffer();
        const name = number === 10 ? `new-${label}.png` : `labelled/${label}/${number}.png`;
        await project.write({ [name]: picture });
      }
    }
    const learned = await project.succeed('npm', ['start', '--', 'labelled', '--model', './model']);
    expect(learned).toContain('4 of 4 held-out photographs are labelled right.');
    expect(learned).toContain('20 photographs, 2 labels -> probe.json');

    const unseen = ['new-sky.png', 'new-grass.png'];
    const printed = await project.succeed('npm', ['run', '--silent', 'classify', '--', ...unseen]);
    expect(printed).toMatch(/^new-sky\.png {2}sky \(\d+ %\)\nnew-grass\.png {2}grass \(\d+ %\)\n$/);
  });
}
