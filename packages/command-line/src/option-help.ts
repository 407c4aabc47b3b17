import { Option } from 'commander';
import { parseImageSize } from './arguments.js';

export const modelHelp = `catalogue id, hub id, checkpoint folder, or random:<id>[@seed] for synthetic weights`;
export const deviceHelp =
  'cpu, cpu:int8, cpu:tuned (int8 as webssl tune measured), cpu:bf16 (some arm64), npu (the first Ascend backend that answers), or <backend>[:<precision>][@<index>,...] as in acl-native:fp16@0,1';

export function imageSizeOption(): Option {
  return new Option(
    '--image-size <size>',
    'side, or height x width, in pixels instead of the model’s own',
  ).argParser(parseImageSize);
}

export function offlineModelOption(): Option {
  return new Option(
    '--offline-model <folder>',
    'for acl-native: what webssl export om wrote, instead of compiling the model here',
  );
}

export function exifOption(): Option {
  return new Option(
    '--exif <mode>',
    'EXIF orientation: ignore, as the reference processor, or apply, as its pipeline',
  )
    .choices(['ignore', 'apply'])
    .default('ignore');
}

export function resizeOption(): Option {
  return new Option('--resize <mode>', 'exact: bit for bit as the reference; fast: by libvips, not exact')
    .choices(['exact', 'fast'])
    .default('exact');
}
