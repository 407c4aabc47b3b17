import type { Tensor } from '@webssl/backend';
import type { ImageOutcome } from '../http/compute-images.js';
import { errorAnswer } from '../http/error-answer.js';
import { jsonNumbers } from './json-numbers.js';

/** One image's part of an answer in JSON, in pieces: `{"index":0,"features":{...}}`, or with `error` and its status. */
export function* jsonResult(outcome: ImageOutcome): Generator<string, void, undefined> {
  const { image, index } = outcome;
  const head = { index, ...(image.name === undefined ? {} : { name: image.name }) };
  const opened = JSON.stringify(head).slice(0, -1);
  if ('error' in outcome) {
    const { status, body } = errorAnswer(outcome.error, image.param);
    yield `${opened},"error":${JSON.stringify({ ...body.error, status })}}`;
    return;
  }
  yield `${opened},"features":{`;
  let separator = '';
  for (const [name, { dims, data }] of Object.entries<Tensor>(outcome.features)) {
    yield `${separator}${JSON.stringify(name)}:{"dims":${JSON.stringify(dims)},"data":`;
    yield* jsonNumbers(data);
    yield '}';
    separator = ',';
  }
  yield '}}';
}
