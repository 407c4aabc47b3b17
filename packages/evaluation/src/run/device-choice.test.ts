import { cpu } from '@webssl/backend-cpu';
import { expect, it } from 'vitest';
import { type DeviceChoice, deviceLabel, isSameDevice } from './device-choice.js';

const backend = cpu();

it.each<[string, DeviceChoice, DeviceChoice]>([
  ['one name', { device: 'cpu' }, { device: 'cpu' }],
  ['one object', { device: backend, threads: 2 }, { device: backend, threads: 2 }],
  ['the default in words', { device: 'cpu' }, { device: 'cpu', mode: 'coldStart' }],
])('takes for one device: %s', (_, one, other) => {
  expect(isSameDevice(one, other)).toBe(true);
});

it.each<[string, DeviceChoice, DeviceChoice]>([
  ['a name and an object', { device: 'cpu' }, { device: backend }],
  ['two objects', { device: backend }, { device: cpu() }],
])('tells apart, though their labels do not: %s', (_, one, other) => {
  expect(deviceLabel(one)).toBe(deviceLabel(other));
  expect(isSameDevice(one, other)).toBe(false);
});

it.each<[string, DeviceChoice, DeviceChoice]>([
  ['two names', { device: 'cpu' }, { device: 'cpu:int8' }],
  ['threads', { device: backend, threads: 1 }, { device: backend, threads: 2 }],
  ['a mode', { device: 'cpu' }, { device: 'cpu', mode: 'throughput' }],
])('tells apart: %s', (_, one, other) => {
  expect(isSameDevice(one, other)).toBe(false);
});

it.each([undefined, 'cpu', {}, { device: 'two words' }, { device: { id: 'my card' } }])(
  'has no name for what is no device: %j',
  (choice) => {
    expect(() => deviceLabel(choice as never)).toThrow(/A device is \{ device: name or Backend \}/);
  },
);
