import { WebsslError } from '@webssl/backend';
import type { LibraryProblem } from './library-problem.js';

const install =
  'Install CANN (toolkit or runtime, with the driver), and source its set_env.sh before starting the program: the loader reads LD_LIBRARY_PATH only then. ' +
  'Or name the library by the option `library` or by ACL_LIB.';

/** What to do about each kind of problem; the first kind of this order that was met decides. */
const remedies: readonly (readonly [LibraryProblem['kind'], string])[] = [
  [
    'architecture',
    'Install the CANN package for this processor, or a Node.js for the processor of the library.',
  ],
  ['forbidden', 'Let this user read the library and the folders around it.'],
  [
    'dependency',
    'The set_env.sh of CANN was not sourced before the program was started (or the driver is not installed): it adds the missing folders to LD_LIBRARY_PATH. Run `source /usr/local/Ascend/ascend-toolkit/set_env.sh` and start again.',
  ],
  [
    'incomplete',
    'Install a CANN of version 8.0 or newer, or name its library by the option `library` or by ACL_LIB.',
  ],
  [
    'no-library',
    'The file is damaged or no library: name the right one by the option `library` or by ACL_LIB.',
  ],
  ['unloadable', install],
  ['absent', install],
];

/** No usable AscendCL: where it was looked for, what was wrong there, and what to do. */
export function libraryMissingError(problems: readonly LibraryProblem[]): WebsslError {
  const [kind = 'absent', advice = install] =
    remedies.find(([remedied]) => problems.some((problem) => problem.kind === remedied)) ?? [];
  const absent = problems.filter((problem) => problem.kind === 'absent').map(({ path }) => path);
  const found = [
    ...problems.filter((problem) => problem.kind !== 'absent').map(({ path, text }) => `${path} ${text}`),
    ...(absent.length > 0 ? [`there is no ${absent.join(', no ')}`] : []),
  ].join('; ');
  return new WebsslError({
    code: 'BACKEND_LIBRARY_MISSING',
    message: `The library of Ascend NPUs (AscendCL) cannot be used: ${found}. ${advice}`,
    details: { advice, problem: kind, searched: problems.map(({ path }) => path) },
  });
}
