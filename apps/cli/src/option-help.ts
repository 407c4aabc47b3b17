import { Option } from 'commander';
export const modelHelp = `catalogue id, hub id, checkpoint folder, or random:<id>[@seed] for synthetic weights`;
export const deviceHelp =
  'cpu, npu (the first Ascend backend that answers), or <backend>[:<precision>][@<index>,...] as in acl-native:fp16@0,1';

export function offlineModelOption(): Option {
  return new Option(
    '--offline-model <folder>',
    'for acl-native: what webssl export om wrote, instead of compiling the model here',
  );
}
