import { expect, it } from 'vitest';
import { withProcessPrecision } from './process-precision.js';

const fails = () => Promise.reject(new Error('no device'));

it('an opening that fails leaves the precision of the process free, one that succeeds fixes it', async () => {
  await expect(withProcessPrecision('fp16', fails)).rejects.toThrow('no device');
  let finish: (session: string) => void = () => {};
  const slow = withProcessPrecision(
    'fp32',
    () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      }),
  );
  await expect(withProcessPrecision('fp32', fails)).rejects.toThrow('no device');
  const refusal = { code: 'CANN_PRECISION_FIXED', details: { first: 'fp32', precision: 'fp16' } };
  await expect(withProcessPrecision('fp16', async () => 'session')).rejects.toMatchObject(refusal);
  finish('session');
  expect(await slow).toBe('session');
  await expect(withProcessPrecision('fp32', fails)).rejects.toThrow('no device');
  await expect(withProcessPrecision('fp16', async () => 'session')).rejects.toMatchObject(refusal);
});
