import { loadEncoder } from '@webssl/encoder';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { expect, test } from 'vitest';
import { resolveLimits } from '../limits/server-limits.js';
import { RequestScope } from './request-scope.js';

test('what comes after a request has ended is held by nobody', async () => {
  const encoder = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { isolation: 'thread', threads: 1 });
  try {
    const scope = new RequestScope({ encoder, limits: resolveLimits(), client: 'somebody' });
    scope.holdBytes(100);
    scope.holdImages(2);
    expect(encoder.queue.held).toEqual({ items: 2, bytes: 100 });
    scope.abandon();
    scope.release();
    expect(scope.signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
    expect(() => scope.holdBytes(100)).toThrow(expect.objectContaining({ code: 'CLIENT_GONE' }));
    expect(() => scope.holdImages(1)).toThrow(expect.objectContaining({ code: 'CLIENT_GONE' }));
    scope.release();
    expect(encoder.queue.held).toEqual({ items: 0, bytes: 0 });
  } finally {
    await encoder.close();
  }
});
