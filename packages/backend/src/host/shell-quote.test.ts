import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellQuote } from './shell-quote.js';

it('leaves words alone that a shell leaves alone', () => {
  expect(
    shellQuote(['webssl', 'tune', '--model', 'facebook/webssl-mae700m-full2b-224', '--max-nmse', '1%']),
  ).toBe('webssl tune --model facebook/webssl-mae700m-full2b-224 --max-nmse 1%');
});

it.skipIf(process.platform === 'win32')('a shell reads the words that were quoted', () => {
  const word = fc.string({ unit: fc.constantFrom("'", '"', ' ', '\\', '$', '`', '\n', '*', '~', 'a', 'é') });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellQuote(words)}`], {
        encoding: 'utf8',
      });
      expect(read.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 50 },
  );
});
