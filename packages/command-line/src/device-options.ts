import type { ImageSize, Isolation } from '@webssl/backend';
import { type Command, Option } from 'commander';
import { parseCount } from './arguments.js';
import { deviceHelp, exifOption, imageSizeOption, offlineModelOption, resizeOption } from './option-help.js';

/** The options that say where a model runs and how images are made ready for it. */
export interface DeviceOptions {
  readonly device: string;
  readonly imageSize?: number | ImageSize;
  readonly threads?: number;
  readonly offlineModel?: string;
  readonly isolation?: Isolation;
  readonly exif: 'ignore' | 'apply';
  readonly resize: 'exact' | 'fast';
}

/** Adds the options of a model that is loaded onto a device to take images. */
export function withDeviceOptions(command: Command): Command {
  return command
    .option('--device <device>', deviceHelp, 'cpu')
    .addOption(imageSizeOption())
    .option('--threads <count>', 'threads of the CPU device', parseCount)
    .addOption(offlineModelOption())
    .addOption(
      new Option(
        '--isolation <place>',
        'where a session runs: process, so that its crash takes nothing along, or thread (default: the backend’s own, process)',
      ).choices(['process', 'thread']),
    )
    .addOption(exifOption())
    .addOption(resizeOption());
}
