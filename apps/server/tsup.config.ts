import { library } from '@webssl-tooling/build';

export default library(
  {
    command: 'src/command/serve-commands.ts',
    index: 'src/index.ts',
    main: 'src/main.ts',
  },
  // The page is built beside it (tsup.page.config.ts).
  { clean: ['!page/**'] },
);
