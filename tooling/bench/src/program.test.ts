import { WebsslError } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { canReadProcessTree } from './process-tree.js';
import { type Program, peakMemory, timeProgram } from './program.js';

const megabyte = 1e6;

function node(source: string): Program {
  return { command: process.execPath, parameters: ['--eval', source] };
}

/** A program that keeps `bytes` for half a second, in a child of its own when `nested`. */
function allocating(bytes: number, nested: boolean): Program {
  const keep = `const kept = Buffer.alloc(${bytes}, 1); setTimeout(() => process.exit(kept[0] - 1), 500);`;
  if (!nested) return node(keep);
  return node(`
    const child = require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(keep)}]);
    child.on('exit', (code) => process.exit(code));`);
}

describe('timeProgram', () => {
  it('is at least as long as the program sleeps', async () => {
    const seconds = await timeProgram(node('setTimeout(() => {}, 300)'));
    expect(seconds).toBeGreaterThanOrEqual(0.3);
  });

  it('passes the environment and the folder on', async () => {
    const source = `process.exit(process.env.GREETING === 'hello' && process.cwd() === '/' ? 0 : 1)`;
    const run = timeProgram({ ...node(source), environment: { GREETING: 'hello' }, folder: '/' });
    await expect(run).resolves.toBeDefined();
  });

  it('says how a program failed', async () => {
    const error = await timeProgram(node(`console.error('no such model'); process.exit(3)`)).catch(
      (reason: unknown) => reason,
    );
    expect(WebsslError.isInstance(error, 'BENCH_PROGRAM_FAILED')).toBe(true);
    expect(String(error)).toMatch(/exit code 3: no such model/);
  });

  it('says that a program cannot be started', async () => {
    const run = timeProgram({ command: '/no/such/program', parameters: [] });
    await expect(run).rejects.toMatchObject({ code: 'BENCH_PROGRAM_FAILED' });
  });
});

describe.skipIf(!canReadProcessTree())('peakMemory (needs the /proc of Linux)', () => {
  it.each(['resident', 'proportional'] as const)('sees the %s memory of a child', async (kind) => {
    const small = await peakMemory(allocating(1 * megabyte, false), kind);
    const large = await peakMemory(allocating(201 * megabyte, false), kind);
    expect(large - small).toBeGreaterThan(180 * megabyte);
    expect(large - small).toBeLessThan(240 * megabyte);
  });

  it('adds up a child and a grandchild', async () => {
    const alone = await peakMemory(allocating(100 * megabyte, false), 'resident');
    const nested = await peakMemory(allocating(100 * megabyte, true), 'resident');
    // The program between them is a Node process too, which takes tens of megabytes.
    expect(nested - alone).toBeGreaterThan(20 * megabyte);
    expect(nested - alone).toBeLessThan(100 * megabyte);
  });
});
