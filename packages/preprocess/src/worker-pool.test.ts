import { WebsslError } from '@webssl/backend';
import { afterEach, describe, expect, it } from 'vitest';
import { WorkerPool } from './worker-pool.js';

interface Request {
  readonly echo?: number;
  readonly after?: number;
  readonly die?: 'exit' | 'throw';
}

interface Response {
  readonly echo: number;
  /** How many requests this worker has answered. */
  readonly served: number;
}

const entry = new URL('../fixtures/echo-worker.mjs', import.meta.url);
const pools: WorkerPool<Request, Response>[] = [];

function poolOf(size: number, from = entry): WorkerPool<Request, Response> {
  const pool = new WorkerPool<Request, Response>({ entry: from, workerData: undefined, size });
  pools.push(pool);
  return pool;
}

function codeOf(error: unknown): string {
  return WebsslError.isInstance(error) ? error.code : String(error);
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe('WorkerPool', () => {
  it('answers every request with its own response', async () => {
    const pool = poolOf(3);
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const responses = await Promise.all(numbers.map((echo) => pool.run({ echo, after: echo % 3 }, [])));
    expect(responses.map(({ echo }) => echo)).toEqual(numbers);
  });

  it('works on several requests at once', async () => {
    const pool = poolOf(2);
    const order: number[] = [];
    const slow = pool.run({ echo: 1, after: 1500 }, []).then(({ echo }) => order.push(echo));
    for (const echo of [2, 3]) order.push((await pool.run({ echo }, [])).echo);
    await slow;
    expect(order).toEqual([2, 3, 1]);
  });

  it('uses no more workers than its size, one request at a time each', async () => {
    const pool = poolOf(1);
    const responses = await Promise.all([1, 2, 3].map((echo) => pool.run({ echo, after: 5 - echo }, [])));
    expect(responses).toEqual([
      { echo: 1, served: 1 },
      { echo: 2, served: 2 },
      { echo: 3, served: 3 },
    ]);
  });

  it.each(['exit', 'throw'] as const)(
    'loses one request, and no other, when a worker dies by %s',
    async (die) => {
      const pool = poolOf(1);
      const outcomes = await Promise.allSettled([
        pool.run({ echo: 1 }, []),
        pool.run({ die }, []),
        pool.run({ echo: 2 }, []),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const lost = outcomes[1]?.status === 'rejected' ? outcomes[1].reason : undefined;
      expect(codeOf(lost)).toBe('PREPROCESS_WORKER_LOST');
      expect(lost.message).toMatch(die === 'exit' ? /code 7/ : /fell over/);
    },
  );

  it('says so when the worker cannot be started', async () => {
    const pool = poolOf(2, new URL('../fixtures/no-such-worker.mjs', import.meta.url));
    const error: unknown = await pool.run({ echo: 1 }, []).catch((reason: unknown) => reason);
    expect(codeOf(error)).toBe('PREPROCESS_WORKER_LOST');
    expect(String(error)).toMatch(/no-such-worker/);
  });

  it('drops a request that is aborted while it waits, and forgets one that runs', async () => {
    const pool = poolOf(1);
    const running = new AbortController();
    const waiting = new AbortController();
    const first = pool.run({ echo: 1, after: 30 }, [], running.signal);
    const second = pool.run({ echo: 2 }, [], waiting.signal);
    const third = pool.run({ echo: 3 }, []);
    waiting.abort(new Error('no longer wanted'));
    running.abort(new Error('too slow'));
    await expect(first).rejects.toThrow('too slow');
    await expect(second).rejects.toThrow('no longer wanted');
    // The worker served the first, aborted one; the second never reached it.
    expect(await third).toEqual({ echo: 3, served: 2 });
  });

  it('does not start what is aborted already', async () => {
    const pool = poolOf(1);
    await expect(pool.run({ echo: 1 }, [], AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(await pool.run({ echo: 2 }, [])).toEqual({ echo: 2, served: 1 });
  });

  it('rejects a request that cannot be sent, and goes on', async () => {
    const pool = poolOf(1);
    const unsendable = { echo: 1, after: (() => 0) as unknown as number };
    await expect(pool.run(unsendable, [])).rejects.toThrow(/could not be cloned/);
    expect(await pool.run({ echo: 2 }, [])).toEqual({ echo: 2, served: 1 });
  });

  it('finishes what was asked before it closes, and refuses what is asked after', async () => {
    const pool = poolOf(1);
    const running = Promise.all([pool.run({ echo: 1, after: 10 }, []), pool.run({ echo: 2, after: 10 }, [])]);
    const closed = pool.close();
    expect(codeOf(await pool.run({ echo: 3 }, []).catch((error: unknown) => error))).toBe(
      'PREPROCESS_CLOSED',
    );
    expect((await running).map(({ echo }) => echo)).toEqual([1, 2]);
    await closed;
    await pool.close();
  });

  it('closes without ever having been used', async () => {
    await poolOf(2).close();
  });
});
