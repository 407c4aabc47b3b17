import { expect, it } from 'vitest';
import { DisposalStack } from './disposal-stack.js';

it('releases in reverse order, each thing once, whatever a release throws', () => {
  const released: string[] = [];
  const stack = new DisposalStack();
  stack.add('context', (name) => released.push(name));
  stack.add('stream', (name) => {
    released.push(name);
    throw new Error('the device is gone');
  });
  expect(stack.add('model', (name) => released.push(name))).toBe('model');
  stack.dispose();
  stack.dispose();
  expect(released).toEqual(['model', 'stream', 'context']);
});
