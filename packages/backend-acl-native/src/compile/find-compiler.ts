import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';

/** The compiler `atc`, as it is installed. */
export interface Compiler {
  readonly path: string;
  /** Version of CANN, `unknown` where the installation does not say. */
  readonly version: string;
}

/** Version of a compiler whose installation names none. */
export const unknownVersion = 'unknown';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds `atc`: the path that is given, else on the path of the system, else where CANN is usually installed.
 * @returns undefined where there is none
 * @throws WebsslError `BACKEND_COMPILER_MISSING` when a path is given and there is no program.
 */
export async function findCompiler(
  given?: string,
  environment: Environment = process.env,
): Promise<Compiler | undefined> {
  if (given !== undefined) {
    if (await isProgram(given)) return describeCompiler(given);
    throw new WebsslError({
      code: 'BACKEND_COMPILER_MISSING',
      message: `There is no program ${given}. The option for the compiler wants the path of atc itself, such as /usr/local/Ascend/ascend-toolkit/latest/bin/atc.`,
      details: { compiler: given },
    });
  }
  for (const folder of compilerFolders(environment)) {
    const path = join(folder, 'atc');
    if (await isProgram(path)) return describeCompiler(path);
  }
  return undefined;
}

/** Folders in which `atc` is looked for, in this order. */
export function compilerFolders(environment: Environment = process.env): readonly string[] {
  const home = environment['ASCEND_HOME_PATH'];
  return [
    ...(environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...(home ? [join(home, 'bin')] : []),
    '/usr/local/Ascend/ascend-toolkit/latest/bin',
    '/usr/local/Ascend/ascend-toolkit/latest/compiler/bin',
    '/usr/local/Ascend/cann/bin',
  ];
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function describeCompiler(path: string): Promise<Compiler> {
  return { path: await realpath(path), version: (await installedVersion(path)) ?? unknownVersion };
}

/** Some folders above the program lies a file that names the version; which one changed with the releases. */
async function installedVersion(path: string): Promise<string | undefined> {
  for (const start of [await realpath(path), path]) {
    let folder = dirname(start);
    for (let level = 0; level < 4; level += 1) {
      for (const place of ['', 'compiler', 'runtime']) {
        const text = await readFile(join(folder, place, 'version.info'), 'utf8').catch(() => '');
        const version = /^Version=(\S{1,64})\s*$/m.exec(text)?.[1];
        if (version !== undefined) return version;
      }
      folder = dirname(folder);
    }
  }
  return undefined;
}
