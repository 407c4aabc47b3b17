import { library } from '@webssl-tooling/build';

export default library({ main: 'src/main.ts' }, { dts: false });
