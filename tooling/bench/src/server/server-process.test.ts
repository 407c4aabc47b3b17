import { expect, it } from 'vitest';
import { startServerProcess } from './server-process.js';

it('says why a server does not start', async () => {
  const starting = startServerProcess({ model: '/no/such/model', threads: 1 });
  await expect(starting).rejects.toMatchObject({ code: 'BENCH_PROGRAM_FAILED' });
  await expect(starting).rejects.toThrow(/no\/such\/model/);
});
