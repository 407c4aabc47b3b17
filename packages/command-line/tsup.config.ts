import { library } from '@webssl-tooling/build';

export default library({ index: 'src/index.ts' });
