import { describe, expect, it } from 'vitest';
import { help, parseCommandLine } from './command-line.js';

describe('parseCommandLine', () => {
  it('measures everything on the reference model unless told otherwise', () => {
    expect(parseCommandLine([])).toEqual({
      model: 'random:facebook/webssl-mae700m-full2b-224',
      threads: undefined,
      parts: ['first', 'steady', 'preprocessing', 'download', 'ascend', 'storm'],
      runs: 5,
      rounds: 10,
      photographs: 200,
      serverRounds: 3,
      serverTurnSeconds: 42,
      overloadMinutes: 10,
      json: undefined,
      python: 'python3',
    });
  });

  it('takes every option', () => {
    const parameters = [
      '--model',
      'folder',
      '--threads',
      '3',
      '--only',
      'steady',
      '--only',
      'first',
      '--quick',
    ];
    expect(
      parseCommandLine([
        ...parameters,
        '--rounds',
        '7',
        '--minutes',
        '4',
        '--json',
        'a.json',
        '--python',
        'py',
      ]),
    ).toEqual({
      model: 'folder',
      threads: 3,
      parts: ['steady', 'first'],
      runs: 2,
      rounds: 7,
      photographs: 24,
      serverRounds: 7,
      serverTurnSeconds: 10,
      overloadMinutes: 4,
      json: 'a.json',
      python: 'py',
    });
  });

  it('has the server measured where that is asked for', () => {
    expect(parseCommandLine(['--only', 'server', '--quick'])).toMatchObject({
      parts: ['server'],
      serverRounds: 1,
      overloadMinutes: 1,
    });
  });

  it.each([
    [[], { rounds: 10, photographs: 200 }],
    [['--rounds', '4'], { rounds: 4, photographs: 200 }],
    [['--quick'], { rounds: 3, photographs: 24 }],
  ])('has photographs embedded where that is asked for, with %j', (parameters, expected) => {
    expect(parseCommandLine(['--only', 'photographs', ...parameters])).toMatchObject({
      parts: ['photographs'],
      ...expected,
    });
  });

  it('is asked for help', () => {
    expect(parseCommandLine(['--help'])).toBeUndefined();
    expect(help).toContain('storm, outliers, photographs, server; may be given more than once');
    expect(help).toContain('all but the last three');
  });

  it.each([
    [['--only', 'everything'], /no part everything; the parts are first, steady, preprocessing, download/],
    [['--threads', '0'], /--threads must be a whole number/],
    [['--runs', '2.5'], /--runs must be a whole number/],
    [['--fast'], /--fast/],
    [['photo.jpg'], /photo\.jpg/],
  ])('refuses %j', (parameters, message) => {
    const parse = () => parseCommandLine(parameters);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ code: 'BENCH_ARGUMENTS_INVALID' }));
  });
});
