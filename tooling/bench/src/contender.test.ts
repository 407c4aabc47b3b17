import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Contender } from './contender.js';
import { canReadProcessTree } from './process-tree.js';
import type { Program } from './program.js';

function node(source: string): Program {
  return { command: process.execPath, parameters: ['--eval', source] };
}

const counting = node(`
  let count = 0;
  console.log('{"ready": true}');
  require('node:readline').createInterface({ input: process.stdin }).on('line', (task) => {
    console.log(task === 'count' ? JSON.stringify({ count: ++count }) : 'what?');
  });`);

describe('Contender', () => {
  it('does a task as often as it is asked to, and ends when it is let go', async () => {
    const contender = await Contender.start('counting', counting);
    expect(await contender.run('count', 'count')).toBe(1);
    expect(await contender.run('count', 'count')).toBe(2);
    await contender.stop();
    await contender.stop();
  });

  it('hands over what a program says first, and knows its memory', async () => {
    const greeting = z.object({ port: z.number() });
    const listening = node(`console.log('{"port": 80}'); process.stdin.resume();`);
    const { contender, greeting: said } = await Contender.startWith('listening', listening, greeting);
    expect(said).toEqual({ port: 80 });
    const memory = contender.memory();
    if (canReadProcessTree()) expect(memory?.peak).toBeGreaterThanOrEqual(memory?.now ?? Infinity);
    else expect(memory).toBeUndefined();
    await contender.stop();
  });

  it.each([
    ['ends at once', node(`console.error('out of memory'); process.exit(1)`), /gone failed: out of memory/],
    ['says something else', node(`console.log('hello')`), /gone failed: it said "hello"/],
    ['is not there', { command: '/no/such/program', parameters: [] }, /gone failed/],
  ])('fails to start a program that %s', async (_, program, message) => {
    const start = Contender.start('gone', program);
    await expect(start).rejects.toMatchObject({ code: 'BENCH_PROGRAM_FAILED' });
    await expect(start).rejects.toThrow(message);
  });

  it.each([
    ['answers with no figures', 'nonsense', 'count', /it said "what\?"/],
    ['lacks the figure', 'count', 'milliseconds', /its task count tells no milliseconds/],
  ])('fails and ends a program that %s', async (_, task, figure, message) => {
    const contender = await Contender.start('counting', counting);
    await expect(contender.run(task, figure)).rejects.toThrow(message);
    await contender.stop();
  });

  it('notices a program that dies in the middle of a task', async () => {
    const contender = await Contender.start(
      'dying',
      node(`console.log('{"ready": true}'); process.stdin.on('data', () => process.exit(9));`),
    );
    await expect(contender.run('anything', 'milliseconds')).rejects.toThrow(/ended without a word/);
    await contender.stop();
  });
});
