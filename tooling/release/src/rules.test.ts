import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentProblems } from './content-rules.js';
import { manifestProblems } from './manifest-rules.js';
import { type PublicPackage, publicPackages, repository } from './public-packages.js';
import { sizeProblems } from './size-rules.js';

const bytes = (text: string) => new TextEncoder().encode(text);

async function encoder(): Promise<PublicPackage & { manifest: Record<string, unknown> }> {
  const found = (await publicPackages()).find(({ name }) => name === '@webssl/encoder');
  if (found === undefined) throw new Error('no @webssl/encoder');
  return { ...found, manifest: { ...(found.manifest as object) } };
}

describe('package.json', () => {
  it('of every public package has what it needs', async () => {
    const packages = await publicPackages();
    expect(packages.length).toBeGreaterThan(20);
    expect(packages.flatMap(manifestProblems)).toEqual([]);
  });

  it.each([
    ['sideEffects', undefined, 'sideEffects'],
    ['engines', { node: '>=18' }, 'engines.node'],
    ['files', ['dist'], 'CHANGELOG.md'],
    ['exports', { '.': { import: './a.js', types: './a.d.ts' } }, 'types must stand first'],
    ['publishConfig', { access: 'public', provenance: true }, 'publishConfig.provenance'],
    ['scripts', { postinstall: 'node fetch.js' }, 'installs'],
    [
      'repository',
      { type: 'git', url: 'git+https://github.com/webssl/webssl.git', directory: 'elsewhere' },
      'elsewhere',
    ],
  ])('with %s of %j is refused', async (field, value, words) => {
    const one = await encoder();
    one.manifest[field] = value;
    expect(manifestProblems(one).join('\n')).toContain(words);
  });
});

describe('content', () => {
  const good = new Map([
    ['package.json', bytes('{ "dependencies": { "a": "^1.0.0" } }')],
    ['README.md', bytes('')],
    ['LICENSE', bytes('')],
    ['dist/index.js', bytes('export {}')],
  ]);

  it('of a proper package has no problem', () => expect(contentProblems(good)).toEqual([]));

  it.each([
    ['dist/a.test.js', '', 'a file of the repository'],
    ['src/index.ts', '', 'a file of the repository'],
    ['package.json', '{ "dependencies": { "a": "workspace:^" } }', 'the workspace'],
    ['dist/index.js.map', `{ "sources": ["${join(repository, 'packages')}"] }`, 'path of this machine'],
  ])('%s %s is refused', (name, content, words) => {
    expect(contentProblems(new Map([...good, [name, bytes(content)]])).join()).toContain(words);
  });

  it('without a README is refused', () => {
    const files = new Map(good);
    files.delete('README.md');
    expect(contentProblems(files)).toEqual(['README.md is missing']);
  });
});

it('a package that is larger than its bound, or has none, is refused', () => {
  expect(sizeProblems('a', 1_000_000, { a: 1000 })).toEqual([]);
  expect(sizeProblems('a', 1_001_000, { a: 1000 }).join()).toContain('1001 kB, more than the 1000 kB');
  expect(sizeProblems('b', 1, { a: 1000 }).join()).toContain('has no bound');
});
