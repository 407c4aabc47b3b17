import { existsSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writingTo } from './file-errors.js';
import { refusal } from './testing/refusal.js';
import { temporaryFolder } from './testing/temporary-folder.js';

describe('a folder that cannot be written', () => {
  it('is told with what can be done', async () => {
    const folder = join(temporaryFolder(), 'file');
    await writeFile(folder, '');
    const error = await refusal(writingTo(folder, 'Take another.', () => mkdir(join(folder, 'below'))));
    expect(error.code).toBe('BACKEND_FOLDER_UNWRITABLE');
    expect(error.message).toContain(folder);
    expect(error.message).toMatch(/Take another\.$/);
    expect(error.cause).toMatchObject({ code: 'ENOTDIR' });
  });

  it.skipIf(!existsSync('/dev/full'))('is told apart from a full disk', async () => {
    const error = await refusal(writingTo('/data', 'Take another.', () => appendFile('/dev/full', 'x')));
    expect(error.code).toBe('BACKEND_DISK_FULL');
    expect(error.message).toMatch(/no space left .* at \/data: .* Take another\.$/);
  });

  it('does not hide other errors', async () => {
    const other = new Error('other');
    await expect(writingTo('/data', '', () => Promise.reject(other))).rejects.toBe(other);
  });
});
