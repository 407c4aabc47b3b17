import { Option } from 'commander';
export const modelHelp = `catalogue id, hub id, checkpoint folder, or random:<id>[@seed] for synthetic weights`;
export const deviceHelp = 'device: <backend>[:<precision>][@<index>,...]';

export function offlineModelOption(): Option {
  return new Option(
    '--offline-model <folder>',
    'for acl-native: what webssl export om wrote, instead of compiling the model here',
  );
}
