import autocannon from 'autocannon';
import { z } from 'zod';
import { parseJson } from '../parse-json.js';
import type { AnswerBook } from './answer-book.js';

export interface ClosedLoad {
  readonly address: string;
  readonly photographs: readonly Buffer[];
  /** Each asks again as soon as it has its answer. */
  readonly clients: number;
  /** Of all clients together; a multiple of their number. */
  readonly requests: number;
  readonly book: AnswerBook;
}

export interface ClosedLoadRun {
  /** From the first answer to the last: the device has something to do all that time. */
  readonly imagesPerSecond: number;
  /** Seconds of each request but the first of a client, which finds the queue emptier than all others do. */
  readonly latencies: readonly number[];
}

const answer = z.object({
  results: z.tuple([z.object({ features: z.object({ cls: z.object({ data: z.array(z.number()) }) }) })]),
});

const timeoutSeconds = 3600;

/**
 * Clients that ask without a pause, by autocannon. It hands out bodies as text, so the features are asked for as JSON, in which
 * every float32 number is written exactly.
 */
export async function closedLoad(load: ClosedLoad): Promise<ClosedLoadRun> {
  const { address, photographs, clients, requests, book } = load;
  const sent = new WeakMap<object, number>();
  const known = new Set<unknown>();
  const times: number[] = [];
  const latencies: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const instance = autocannon(
      {
        url: `${address}/v1/features?features=cls`,
        method: 'POST',
        headers: { 'content-type': 'image/jpeg', accept: 'application/json' },
        connections: clients,
        amount: requests,
        timeout: timeoutSeconds,
        sampleInt: 100,
        requests: [
          {
            setupRequest: (request, context) => {
              const image = book.ask();
              sent.set(context, image);
              return { ...request, body: photographs[image] };
            },
            onResponse: (status, body, context) => check(book, status, body, sent.get(context) ?? -1),
          },
        ],
      },
      (error: unknown) => (error === null ? resolve() : reject(error)),
    );
    instance.on('response', (client, _status, _bytes, milliseconds) => {
      times.push(performance.now());
      if (known.has(client)) latencies.push(milliseconds / 1000);
      known.add(client);
    });
  });
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return { imagesPerSecond: (1000 * (times.length - 1)) / (last - first), latencies };
}

function check(book: AnswerBook, status: number, body: string, image: number): void {
  if (status !== 200) {
    book.failed(`${status} ${body.slice(0, 200)}`);
    return;
  }
  const parsed = answer.safeParse(parseJson(body));
  if (parsed.success) book.answered(image, Float32Array.from(parsed.data.results[0].features.cls.data));
  else book.failed(`200 ${body.slice(0, 200)}`);
}
