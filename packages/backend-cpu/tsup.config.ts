import { library } from '@webssl-tooling/build';

export default library({
  index: 'src/index.ts',
  worker: 'src/worker.ts',
  'onnxruntime-node-worker': 'src/onnxruntime-node-worker.ts',
  'graph-worker': 'src/graph-worker.ts',
});
