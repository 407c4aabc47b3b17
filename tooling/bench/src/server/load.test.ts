import { afterEach, describe, expect, it } from 'vitest';
import { AnswerBook } from './answer-book.js';
import { closedLoad } from './closed-load.js';
import { openLoad } from './open-load.js';
import { answerWith, type Behaviour, startStandIn } from './testing.js';

/** What the stand-in takes for images, and what it takes for their features. */
const photographs = [Buffer.from('first'), Buffer.from('second'), Buffer.from('third')];
const expected = [Float32Array.of(0.1, -2), Float32Array.of(3, 1e-30), Float32Array.of(5, 6)];

function featuresOf(image: Buffer): Float32Array {
  return expected[photographs.findIndex((photograph) => photograph.equals(image))] ?? new Float32Array(2);
}

/** Does something else with the request of a number, counted from 0. */
function exceptAt(number: number, otherwise: Behaviour): Behaviour {
  let count = 0;
  return (response, body, request) => {
    if (count++ === number) otherwise(response, body, request);
    else answerWith(response, featuresOf(body), request);
  };
}

const loads = {
  'closed load': (address: string, book: AnswerBook) =>
    closedLoad({ address, photographs, clients: 3, requests: 12, book }),
  'open load': (address: string, book: AnswerBook) =>
    openLoad({ address, photographs, rate: 60, seconds: 0.2, book }),
};

let stop = async (): Promise<void> => {};
afterEach(() => stop());

async function start(behaviour: Behaviour): Promise<string> {
  const standIn = await startStandIn(behaviour);
  stop = () => standIn.stop();
  return standIn.address;
}

describe.each(Object.entries(loads))('%s', (_name, load) => {
  async function countsOf(behaviour: Behaviour) {
    const book = new AnswerBook(expected);
    await load(await start(behaviour), book);
    return book;
  }

  it('finds every answer of an honest server right', async () => {
    const { counts } = await countsOf((response, body, request) =>
      answerWith(response, featuresOf(body), request),
    );
    expect(counts).toEqual({ asked: 12, right: 12, mixedUp: 0, wrong: 0, refused: 0, failed: 0, lost: 0 });
  });

  it('notices the features of another image', async () => {
    const { counts } = await countsOf(
      exceptAt(5, (response, body, request) =>
        answerWith(response, featuresOf(body) === expected[0] ? second : first, request),
      ),
    );
    expect(counts).toMatchObject({ right: 11, mixedUp: 1 });
  });

  it('notices features that are wrong in one bit', async () => {
    const { counts } = await countsOf(
      exceptAt(3, (response, body, request) => {
        const features = featuresOf(body).slice();
        const bits = new DataView(features.buffer);
        bits.setUint8(0, bits.getUint8(0) ^ 1);
        answerWith(response, features, request);
      }),
    );
    expect(counts).toMatchObject({ right: 11, wrong: 1 });
  });

  it('notices a request whose connection breaks', async () => {
    const { counts } = await countsOf(exceptAt(4, (response) => response.destroy()));
    expect(counts).toMatchObject({ right: 11, lost: 1 });
  });

  it('keeps the words of an error', async () => {
    const book = await countsOf(exceptAt(2, (response) => response.writeHead(500).end('out of order')));
    expect(book.counts).toMatchObject({ right: 11, failed: 1 });
    expect(book.problems).toEqual(['500 out of order']);
  });
});

const [first = new Float32Array(), second = new Float32Array()] = expected;

describe('openLoad', () => {
  it('goes on asking while nothing is answered, and waits for every answer', async () => {
    const held: (() => void)[] = [];
    const address = await start((response, body, request) => {
      held.push(() => answerWith(response, featuresOf(body), request));
      if (held.length === 12) for (const answer of held) answer();
    });
    const book = new AnswerBook(expected);
    const { latencies } = await openLoad({ address, photographs, rate: 60, seconds: 0.2, book });
    expect(book.counts).toMatchObject({ asked: 12, right: 12 });
    expect(latencies).toHaveLength(12);
  });

  it('counts refusals, and what they say of coming again', async () => {
    const address = await start((response, body, request) => {
      if (body.equals(Buffer.from('second'))) response.writeHead(429, { 'retry-after': '3' }).end();
      else answerWith(response, featuresOf(body), request);
    });
    const book = new AnswerBook(expected);
    const { refusals, retryAfter } = await openLoad({ address, photographs, rate: 60, seconds: 0.1, book });
    expect(book.counts).toMatchObject({ asked: 6, right: 4, refused: 2, failed: 0 });
    expect(refusals).toHaveLength(2);
    expect(retryAfter).toEqual([3, 3]);
  });

  it('does not take a refusal that says nothing of coming again', async () => {
    const address = await start((response) => response.writeHead(429).end());
    const book = new AnswerBook(expected);
    await openLoad({ address, photographs, rate: 60, seconds: 0.05, book });
    expect(book.counts).toMatchObject({ asked: 3, refused: 0, failed: 3 });
  });
});

describe('closedLoad', () => {
  it('never has more requests under way than clients, and leaves out the first latency of each', async () => {
    let underWay = 0;
    let most = 0;
    const address = await start((response, body, request) => {
      most = Math.max(most, ++underWay);
      setTimeout(() => {
        underWay--;
        answerWith(response, featuresOf(body), request);
      }, 5);
    });
    const book = new AnswerBook(expected);
    const { latencies } = await closedLoad({ address, photographs, clients: 3, requests: 12, book });
    expect(most).toBe(3);
    expect(latencies).toHaveLength(9);
  });
});
