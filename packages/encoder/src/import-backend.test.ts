import { expect, it } from 'vitest';
import { importBackend } from './import-backend.js';

it('names the package of a backend that is not installed', async () => {
  await expect(importBackend('@webssl/backend-abacus', 'abacus')).rejects.toMatchObject({
    code: 'BACKEND_NOT_INSTALLED',
    message: expect.stringContaining('npm install @webssl/backend-abacus'),
  });
});
