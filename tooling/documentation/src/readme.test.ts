import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeBlocks, markdownFiles, repository } from './markdown.js';

it('the Chinese README has the code blocks of the English one', () => {
  const texts = (file: string) => codeBlocks(file).map(({ language, text }) => ({ language, text }));
  expect(texts('README.zh.md')).toEqual(texts('README.md'));
});

it('the two commands of the README are scripts of the repository', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const lines = codeBlocks('README.md').flatMap(({ text }) => text.split('\n'));
  const named = lines.flatMap((line) => /^npm (?:run )?([a-z:]+)/.exec(line)?.[1] ?? []);
  expect(named.slice(0, 2)).toEqual(['demo', 'test']);
  for (const script of named) expect(scripts).toHaveProperty(script);
});

describe('links between files lead somewhere', () => {
  it.each(markdownFiles())('%s', (file) => {
    const text = readFileSync(join(repository, file), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target ?? '');
    const broken = targets.filter((target) => !existsSync(join(repository, dirname(file), target)));
    expect(broken).toEqual([]);
  });
});
