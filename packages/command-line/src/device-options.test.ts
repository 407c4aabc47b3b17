import { Command } from 'commander';
import { expect, it } from 'vitest';
import { withDeviceOptions } from './device-options.js';

/** What a command with the options makes of a command line. */
function parsed(...parameters: string[]): unknown {
  const command = withDeviceOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(parameters, { from: 'user' }).opts();
}

it('without any: the CPU, and images as the reference treats them', () => {
  expect(parsed()).toEqual({ device: 'cpu', exif: 'ignore', resize: 'exact' });
});

it('all of them', () => {
  expect(
    parsed(
      ...['--device', 'npu:fp16', '--image-size', '448x672', '--threads', '2', '--offline-model', 'compiled'],
      ...['--isolation', 'thread', '--exif', 'apply', '--resize', 'fast'],
    ),
  ).toEqual({
    device: 'npu:fp16',
    imageSize: { height: 448, width: 672 },
    threads: 2,
    offlineModel: 'compiled',
    isolation: 'thread',
    exif: 'apply',
    resize: 'fast',
  });
});

it.each([
  ['--image-size', 'large'],
  ['--threads', '0'],
  ['--isolation', 'container'],
  ['--exif', 'strip'],
  ['--resize', 'slow'],
])('%s %s is refused', (...parameters) => {
  expect(() => parsed(...parameters)).toThrow(parameters[0]);
});
