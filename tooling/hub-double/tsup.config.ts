import { library } from '@webssl-tooling/build';

export default library({ program: 'src/program.ts' }, { dts: false });
