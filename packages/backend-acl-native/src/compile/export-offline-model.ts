import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ModelSource, WebsslError } from '@webssl/backend';
import { shellQuote } from '@webssl/backend/host';
import { defaultCacheFolder, operatorCache } from './cached-offline-model.js';
import { type CompilationPlan, compilationPlan } from './compilation-plan.js';
import { compileModel, prepareFolder } from './compile-model.js';
import { hasCode, writingTo } from './file-errors.js';
import { type Compiler, findCompiler } from './find-compiler.js';
import { makeFolder } from './make-folder.js';
import type { OfflineModel } from './manifest.js';
import { orAborted } from './or-aborted.js';
import { pendingName } from './pending-manifest.js';
import { syncTree } from './sync-tree.js';
import { writeJson } from './write-manifest.js';

export interface ExportOptions extends CompilationPlan {
  /** The folder to make. It must not be there, or be empty. */
  readonly folder: string;
  /** Path of `atc`. Default: on the path, then where CANN is usually installed. */
  readonly compiler?: string;
  /** Write the graph only, also where the compiler is here. Default false. */
  readonly onnxOnly?: boolean;
  /** Gets what the compiler writes, line by line. */
  readonly onCompilerLine?: (line: string) => void;
  /** Ends the export; nothing stays behind. */
  readonly signal?: AbortSignal;
}

export type ExportResult =
  | ({ readonly kind: 'compiled' } & OfflineModel)
  | {
      /** The graph is written; the compiler has to run elsewhere. */
      readonly kind: 'pending';
      readonly folder: string;
      /** What is to be run in the folder where the compiler is, quoted for a shell. It is also in `compile.sh`. */
      readonly command: string;
    };

/** Name of the program in a pending folder that runs the compiler. */
const scriptName = 'compile.sh';

/**
 * Makes a folder with a model's graph, its weights and, where the compiler is here, its offline model. It appears under its name
 * when it is complete.
 *
 * @throws WebsslError `BACKEND_FOLDER_EXISTS`, and those of compiling and writing that `offlineModelFor` throws.
 */
export async function exportOfflineModel(source: ModelSource, options: ExportOptions): Promise<ExportResult> {
  const plan = compilationPlan(options);
  const target = resolve(options.folder);
  return orAborted('The export', options.signal, async () => {
    const compiler = options.onnxOnly === true ? undefined : await findCompiler(options.compiler);
    await requireNothingAt(target);
    return writingTo(target, 'Choose another folder.', () =>
      fillFolder(source, plan, target, compiler, options),
    );
  });
}

async function fillFolder(
  source: ModelSource,
  plan: CompilationPlan,
  target: string,
  compiler: Compiler | undefined,
  options: ExportOptions,
): Promise<ExportResult> {
  const folder = `${target}.${randomUUID()}.part`;
  const log = `${target}.atc.log`;
  await makeFolder(dirname(target));
  await mkdir(folder);
  try {
    const result =
      compiler === undefined
        ? await writePending(source, plan, folder, options.signal)
        : await compile(source, plan, folder, compiler, log, options);
    await syncTree(folder);
    await renameTo(folder, target);
    return { ...result, folder: await realpath(target) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const isExplained = WebsslError.isInstance(error, 'BACKEND_COMPILE_FAILED');
    if (compiler !== undefined && !isExplained) await rm(log, { force: true });
    throw error;
  }
}

async function compile(
  source: ModelSource,
  plan: CompilationPlan,
  folder: string,
  compiler: Compiler,
  log: string,
  { onCompilerLine, signal }: ExportOptions,
): Promise<ExportResult> {
  await rm(log, { force: true });
  const manifest = await compileModel(source, plan, {
    compiler,
    folder,
    log,
    operatorCache: operatorCache(defaultCacheFolder()),
    keepWeights: true,
    ...(onCompilerLine && { onCompilerLine }),
    ...(signal && { signal }),
  });
  await rename(log, join(folder, 'atc.log'));
  return { kind: 'compiled', folder, manifest };
}

async function writePending(
  source: ModelSource,
  plan: CompilationPlan,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<ExportResult> {
  const pending = await prepareFolder(source, plan, folder, 'atc', signal);
  const command = shellQuote(pending.command);
  const script = `#!/bin/sh\nset -e\ncd "$(dirname "$0")"\n${command}\n`;
  await writeFile(join(folder, scriptName), script, { mode: 0o755 });
  await writeJson(join(folder, pendingName), pending);
  return { kind: 'pending', folder, command };
}

async function requireNothingAt(target: string): Promise<void> {
  const found = await lstat(target).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory() || (await readdir(target)).length > 0) throw folderExists(target);
}

async function renameTo(folder: string, target: string): Promise<void> {
  try {
    await rename(folder, target);
  } catch (error) {
    // Somebody else made something of that name in the meantime.
    throw hasCode(error, ['ENOTEMPTY', 'EEXIST', 'ENOTDIR']) ? folderExists(target) : error;
  }
}

function folderExists(target: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_FOLDER_EXISTS',
    message: `${target} is there already, and nothing is overwritten. Remove it or choose another name.`,
    details: { folder: target },
  });
}
