import { library } from '@webssl-tooling/build';

export default library({
  index: 'src/index.ts',
  'weight-worker': 'src/quantization/weight-worker.ts',
  quantization: 'src/quantization/index.ts',
});
