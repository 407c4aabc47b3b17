export const modelHelp = `catalogue id, hub id, checkpoint folder, or random:<id>[@seed] for synthetic weights`;
export const deviceHelp = 'device: <backend>[:<precision>][@<index>,...]';
