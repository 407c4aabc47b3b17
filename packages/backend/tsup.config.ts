import { library } from '@webssl-tooling/build';

export default library({
  index: 'src/index.ts',
  host: 'src/host/index.ts',
  testkit: 'src/testkit/index.ts',
  'reference-worker': 'src/testkit/reference-worker.ts',
});
