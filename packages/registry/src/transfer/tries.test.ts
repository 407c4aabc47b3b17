import { describe, expect, it } from 'vitest';
import type { RetryNotice } from './retry.js';
import { hastyRetries } from './testing/file-of.js';
import { TransferProblem } from './transfer-problem.js';
import { Tries } from './tries.js';

const drop = new TransferProblem('dropped');

function tries(): { tries: Tries; notices: RetryNotice[]; stop: AbortController } {
  const notices: RetryNotice[] = [];
  const stop = new AbortController();
  const onRetry = (notice: RetryNotice) => notices.push(notice);
  return { tries: new Tries({ retry: hastyRetries, signal: stop.signal, onRetry }), notices, stop };
}

describe('Tries', () => {
  it('gives up after as many tries in a row as the policy has', async () => {
    const { tries: patience, notices } = tries();
    const verdicts = [];
    for (let own = 1; own <= 4; own++) verdicts.push(await patience.afterFailure(drop, own, true));
    expect(verdicts).toEqual(['again', 'again', 'again', 'give-up']);
    expect(notices.map(({ failures }) => failures)).toEqual([1, 2, 3]);
    expect(notices[0]).toMatchObject({ attempts: 4, reason: 'dropped' });
    expect(patience.whyGivenUp(drop)).toBe('4 tries in a row brought nothing');
  });

  it('begins to count again when bytes have come', async () => {
    const { tries: patience, notices } = tries();
    for (let round = 0; round < 6; round++) {
      expect(await patience.afterFailure(drop, 1, true)).toBe('again');
      patience.succeeded();
    }
    expect(notices.map(({ failures }) => failures)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('counts a line that breaks under several connections once, and one of them waits', async () => {
    const { tries: patience, notices } = tries();
    const verdicts = await Promise.all([1, 1, 1, 1].map((own) => patience.afterFailure(drop, own, false)));
    expect(verdicts).toEqual(['again', 'leave', 'leave', 'leave']);
    expect(notices).toHaveLength(1);
  });

  it('lets only the last connection give the file up', async () => {
    const { tries: patience } = tries();
    for (let own = 1; own <= 3; own++) await patience.afterFailure(drop, own, false);
    expect(await patience.afterFailure(drop, 4, false)).toBe('leave');
    expect(await patience.afterFailure(drop, 4, true)).toBe('give-up');
  });

  it('backs off with a connection that fails alone, and never gives up for it', async () => {
    const { tries: patience, notices } = tries();
    for (let own = 1; own <= 10; own++) {
      expect(await patience.afterFailure(drop, own, false)).toBe('again');
      patience.succeeded();
    }
    expect(notices.map(({ failures }) => failures)).toEqual([1, 2, 3, 3, 3, 3, 3, 3, 3, 3]);
  });

  it('holds every connection back for as long as the server asks', async () => {
    const { tries: patience, notices } = tries();
    const busy = new TransferProblem('busy', { retryAfterMilliseconds: 50 });
    const waiting = patience.afterFailure(busy, 1, true);
    await patience.untilWelcome();
    expect(await waiting).toBe('again');
    expect(notices[0]?.waitMilliseconds).toBeGreaterThanOrEqual(50);
  });

  it('gives up when the server asks for too long a wait', async () => {
    const { tries: patience } = tries();
    const busy = new TransferProblem('busy', { retryAfterMilliseconds: 5000 });
    expect(await patience.afterFailure(busy, 1, true)).toBe('give-up');
    expect(patience.whyGivenUp(busy)).toBe('the server asks to wait for 5 s, longer than 1 s');
  });

  it('waits no longer when the signal aborts', async () => {
    const { tries: patience, stop } = tries();
    const busy = new TransferProblem('busy', { retryAfterMilliseconds: 900 });
    const waiting = [patience.afterFailure(busy, 1, true), patience.untilWelcome()];
    const reason = new Error('enough');
    stop.abort(reason);
    for (const wait of waiting) await expect(wait).rejects.toBe(reason);
  });
});
