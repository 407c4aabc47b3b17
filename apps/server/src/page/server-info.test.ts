import { WebsslError } from '@webssl/backend';
import { expect, it } from 'vitest';
import { lastAttention, readServerInfo, servesAttention } from './server-info.js';

const answer = {
  model: { id: 'm', synthetic: false, layers: 12, heads: 4, width: 64, patchSize: 14 },
  image: { size: { width: 224, height: 224 }, processor: {} },
  queue: { waiting: 0, running: 0 },
  devices: [],
};

it('knows the last layer’s attention, and whether the server gives it', () => {
  const info = readServerInfo(answer);
  expect(lastAttention(info)).toBe('attentions.11');
  expect(servesAttention(info)).toBe(true);
  const served = (names: readonly string[]) => servesAttention({ ...info, features: { served: names } });
  expect([served(['cls', 'attentions.11']), served(['cls', 'attentions.1'])]).toEqual([true, false]);
});

it.each([
  [undefined, 'model.id'],
  ['<html>', 'model.id'],
  [{ ...answer, model: { ...answer.model, heads: '4' } }, 'model.heads'],
  [{ ...answer, image: { size: answer.image.size, processor: null } }, 'image.processor'],
  [{ ...answer, queue: undefined }, 'queue.waiting'],
])('says what an answer of another kind lacks: %j', (wrong, path) => {
  expect(() => readServerInfo(wrong)).toThrow(WebsslError);
  expect(() => readServerInfo(wrong)).toThrow(`no ${path}`);
});
