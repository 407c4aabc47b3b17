import { expect, it } from 'vitest';
import { Resources } from './resources.js';

function failing() {
  const released: string[] = [];
  const resources = new Resources();
  for (const name of ['first', 'second', 'third']) {
    resources.add(() => {
      released.push(name);
      if (name !== 'first') throw new Error(name);
    });
  }
  return { resources, released };
}

it('everything is released, last first, before what the releases threw is thrown', () => {
  const { resources, released } = failing();
  expect(() => resources.release()).toThrow(
    expect.objectContaining({ errors: [new Error('third'), new Error('second')] }),
  );
  expect(released).toEqual(['third', 'second', 'first']);
  resources.release();
  expect(released).toHaveLength(3);
});

it('releases after another error do not hide it', () => {
  const { resources, released } = failing();
  resources.discard();
  expect(released).toEqual(['third', 'second', 'first']);
});
