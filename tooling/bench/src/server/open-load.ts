import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import type { AnswerBook } from './answer-book.js';

export interface OpenLoad {
  readonly address: string;
  readonly photographs: readonly Buffer[];
  /** Requests a second, at even intervals, whatever becomes of them. */
  readonly rate: number;
  readonly seconds: number;
  readonly book: AnswerBook;
}

export interface OpenLoadRun {
  /** When features came, in seconds since the begin, in order. */
  readonly answers: readonly number[];
  /** Seconds of each request that was answered with features. */
  readonly latencies: readonly number[];
  /** Seconds of each that was refused. */
  readonly refusals: readonly number[];
  /** Seconds after which those that were refused are to come again, as the server says. */
  readonly retryAfter: readonly number[];
}

/**
 * Requests that arrive at a rate of their own, which is what overload is. autocannon waits for an answer before it asks again and
 * counts in whole requests a second and connection, so undici asks here.
 */
export async function openLoad({
  address,
  photographs,
  rate,
  seconds,
  book,
}: OpenLoad): Promise<OpenLoadRun> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const run = {
    answers: [] as number[],
    latencies: [] as number[],
    refusals: [] as number[],
    retryAfter: [] as number[],
  };
  const begin = performance.now();
  const secondsSince = (time: number) => (performance.now() - time) / 1000;
  const ask = async (): Promise<void> => {
    const image = book.ask();
    const started = performance.now();
    const { statusCode, headers, body } = await agent.request({
      origin: address,
      path: '/v1/features?features=cls',
      method: 'POST',
      headers: { 'content-type': 'image/jpeg', accept: 'application/x-npy' },
      body: photographs[image] ?? null,
    });
    if (statusCode === 200) {
      book.answered(image, numbersOf(await body.arrayBuffer()));
      run.answers.push(secondsSince(begin));
      run.latencies.push(secondsSince(started));
      return;
    }
    const text = await body.text();
    if (statusCode !== 429) {
      book.failed(`${statusCode} ${text.slice(0, 200)}`);
      return;
    }
    const { 'retry-after': retryAfter } = headers;
    book.refused(String(retryAfter));
    run.refusals.push(secondsSince(started));
    run.retryAfter.push(Number(retryAfter));
  };
  const pending = new Set<Promise<void>>();
  for (let count = 0; count < rate * seconds; count++) {
    await sleep(Math.max(0, begin + (1000 * count) / rate - performance.now()));
    // One that breaks is never answered, and so counts as lost.
    const asked = ask()
      .catch(() => undefined)
      .finally(() => pending.delete(asked));
    pending.add(asked);
  }
  await Promise.all(pending);
  await agent.close();
  return run;
}

/** An npy file of version 1 or 2 whose numbers are known to be float32: its header says where they begin. */
function numbersOf(file: ArrayBuffer): Float32Array {
  const view = new DataView(file);
  const isLong = view.getUint8(6) > 1;
  const from = isLong ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  return new Float32Array(file.slice(from));
}
