import { readFileSync } from 'node:fs';
import { goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../start-server.js';
import { askForCls } from '../testing/ask.js';
import { bytesInUse } from '../testing/collect-garbage.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { answerFault } from '../testing/fuzzing/answer-fault.js';
import { readOperations } from '../testing/fuzzing/api-document.js';
import { brokenHttp } from '../testing/fuzzing/broken-http.js';
import { type FuzzMaterial, fuzzRequest } from '../testing/fuzzing/fuzz-request.js';
import { Random } from '../testing/fuzzing/random.js';
import { numberedImage } from '../testing/numbered-image.js';
import { exchange } from '../testing/raw-http.js';
import { startTestServer } from '../testing/test-server.js';
import { until } from '../testing/until.js';

/** Both can be set, to look for more or to have a failure again. */
const count = Number(process.env['WEBSSL_FUZZ_REQUESTS'] ?? 10_000);
const seed = Number(process.env['WEBSSL_FUZZ_SEED'] ?? 6);

const atATime = 8;
const shareOfBrokenHttp = 0.1;
const mostFaultsTold = 10;
const mebibyte = 1024 * 1024;
/** A request that is answered may leave no more behind on average: less than the smallest of them has. */
const bytesOfARequest = 1024;

let expected: ExpectedFeatures;
let server: RunningServer;

beforeAll(async () => {
  expected = await ExpectedFeatures.load();
  server = await startTestServer();
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await expected.close();
});

/** @returns what is wrong with the answers to request `index` */
async function faultOf(index: number, material: FuzzMaterial): Promise<string | undefined> {
  const random = new Random(seed * 1_000_003 + index);
  if (random.chance(shareOfBrokenHttp)) {
    const { bytes, description } = brokenHttp(random);
    const { answers, end } = await exchange(server.address, bytes, { endAfter: 200 });
    const fault = answers.map((answer) => answerFault(answer, false)).find(Boolean);
    return fault === undefined && end !== 'silent' ? undefined : `${fault ?? 'silence'}\n  to ${description}`;
  }
  const { bytes, isHead, description } = fuzzRequest(material, random);
  const { answers, end } = await exchange(server.address, bytes, { isHead });
  const [answer] = answers;
  const fault = answer === undefined ? `no answer (${end})` : answerFault(answer, isHead);
  return fault && `${fault}\n  to ${description}`;
}

it(`${count} malformed requests (seed ${seed}) are refused in order, and good ones among them answered right`, async () => {
  const material: FuzzMaterial = {
    operations: await readOperations(server.address),
    images: [
      numberedImage(1),
      ...['size-3x2.png', 'gif-animated.gif', 'webp-lossy.webp', 'jpeg-gray.jpg', 'png-palette.png'].map(
        (name) => readFileSync(goldenImage(name)),
      ),
    ],
    features: [
      'cls',
      'cls',
      'cls',
      'mean',
      'mean',
      'cls,mean',
      'patches',
      'last_hidden_state',
      'hidden_states.1',
    ],
    modelName: 'vit-tiny-p14',
  };
  expect(material.operations.filter(({ bodies }) => bodies.size > 0)).not.toEqual([]);

  const faults: string[] = [];
  let next = 0;
  const work = async (end: number) => {
    while (next < end && faults.length < mostFaultsTold) {
      const index = next++;
      const fault = await faultOf(index, material);
      if (fault !== undefined) faults.push(`request ${index}: ${fault}`);
      if (index % 100 !== 0) continue;
      const image = numberedImage(index % 700);
      const reply = await askForCls(server.address, image);
      expect(reply.status).toBe(200);
      expect(reply.cls).toEqual(await expected.cls(image));
    }
  };
  const workUntil = (end: number) => Promise.all(Array.from({ length: atATime }, () => work(end)));
  const warm = Math.floor(count / 5);
  await workUntil(warm);
  const before = bytesInUse();
  await workUntil(count);
  expect(faults).toEqual([]);
  expect(bytesInUse() - before).toBeLessThan(Math.max(4 * mebibyte, bytesOfARequest * (count - warm)));
  await until(
    'nothing is held',
    () => server.encoder.queue.held.bytes === 0 && server.encoder.queue.held.items === 0,
  );
}, 300_000);
