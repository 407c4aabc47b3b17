import { expect, it } from 'vitest';
import { RecentTensors } from './recent-tensors.js';

it('computes a tensor once, as long as it is among the latest', async () => {
  const computed: string[] = [];
  const recent = new RecentTensors(2);
  const get = (name: string) =>
    recent.get(name, async () => {
      computed.push(name);
      return { data: new Float32Array(), dims: [0] };
    });
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await get(name);
  expect(computed).toEqual(['a', 'b', 'c', 'b']);
});

it('tries one again that could not be computed', async () => {
  const recent = new RecentTensors(1);
  expect(await recent.get('a', async () => undefined)).toBeUndefined();
  expect(await recent.get('a', async () => ({ data: new Float32Array(), dims: [0] }))).toBeDefined();
});
