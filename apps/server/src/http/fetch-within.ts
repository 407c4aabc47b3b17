import { performance } from 'node:perf_hooks';
import { WebsslError } from '@webssl/backend';
import { FetchEnding } from '../remote-images/fetch-ending.js';
import type { RequestScope } from './request-scope.js';

/**
 * Fetches for a request, no longer than it may take and its client waits.
 *
 * @throws WebsslError `DEADLINE_EXCEEDED`; the reason why the client has gone; what `fetch` throws
 */
export async function fetchWithin<Fetched>(
  { signal, deadline }: Pick<RequestScope, 'signal' | 'deadline'>,
  fetch: (signal: AbortSignal) => Promise<Fetched>,
): Promise<Fetched> {
  const left = Math.max(0, deadline - performance.now());
  const ending = new FetchEnding(signal, left, deadlineExceeded);
  try {
    return await ending.unlessEnded(fetch(ending.signal));
  } finally {
    ending.dispose();
  }
}

function deadlineExceeded(): WebsslError {
  return new WebsslError({
    code: 'DEADLINE_EXCEEDED',
    message: 'The deadline passed while an image was fetched. Allow more time, or send the image itself.',
  });
}
