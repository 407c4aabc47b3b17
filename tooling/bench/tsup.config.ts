import { library } from '@webssl-tooling/build';

export default library(
  {
    main: 'src/main.ts',
    'ascend-overhead': 'src/programs/ascend-overhead.ts',
    'download-limits': 'src/programs/download-limits.ts',
    'download-plain': 'src/programs/download-plain.ts',
    'download-webssl': 'src/programs/download-webssl.ts',
    'encoder-photographs': 'src/programs/encoder-photographs.ts',
    'encoder-rate': 'src/programs/encoder-rate.ts',
    'encoder-steady': 'src/programs/encoder-steady.ts',
    'livez-times': 'src/programs/livez-times.ts',
    'matmul-rate': 'src/programs/matmul-rate.ts',
    'preprocessing-times': 'src/programs/preprocessing-times.ts',
    'transformers-js-first': 'src/programs/transformers-js-first.ts',
    'transformers-js-steady': 'src/programs/transformers-js-steady.ts',
  },
  { dts: false },
);
