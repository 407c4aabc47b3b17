import { library } from '@webssl-tooling/build';

export default library({
  index: 'src/index.ts',
  'synthetic-worker': 'src/synthetic/synthetic-worker.ts',
  'hash-worker': 'src/transfer/hash-worker.ts',
});
