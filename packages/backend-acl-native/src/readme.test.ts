import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorMeanings } from './ascendcl/error-meaning.js';

it('the README lists every code with its policy, but for those that are refused', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const listed = [
    ...readme.matchAll(/^\| `(shed|renew|give-up)` +\| ((?:\d{6} \w+(?:, )?)+) *\|$/gm),
  ].flatMap(([, policy, codes = '']) => codes.split(', ').map((code) => `${policy} ${code.trim()}`));
  const expected = [...errorMeanings].flatMap(([code, { name, policy }]) =>
    policy === 'refuse' ? [] : [`${policy} ${code} ${name}`],
  );
  expect(listed.sort()).toEqual(expected.sort());
});
