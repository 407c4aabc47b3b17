import { type ModelSource, WebsslError } from '@webssl/backend';
import { compiledIntoCache, defaultCacheFolder, fittingModel } from './cached-offline-model.js';
import { type CompilationPlan, compilationPlan } from './compilation-plan.js';
import { exportCommand } from './export-command.js';
import { compilerFolders, findCompiler } from './find-compiler.js';
import type { OfflineModel } from './manifest.js';
import { orAborted } from './or-aborted.js';
import { readOfflineModel } from './read-offline-model.js';
import { rememberedFingerprint } from './remembered-fingerprint.js';
import { requireFit } from './required-fit.js';

/** What an offline model is wanted for, and where it may come from. */
export interface OfflineModelRequest extends CompilationPlan {
  /** A folder that `webssl export om` made. Nothing else is used then, and `batchSizes` are the folder's own. */
  readonly offlineModel?: string;
  /** Default: {@link defaultCacheFolder}. */
  readonly cacheFolder?: string;
  /** Path of `atc`. Default: found as {@link findCompiler} says. */
  readonly compiler?: string;
  /** Gets what the compiler writes, line by line. */
  readonly onCompilerLine?: (line: string) => void;
  /** Ends the compiler and all that it started; nothing stays behind. */
  readonly signal?: AbortSignal;
}

/**
 * The offline model for a request: the one that the caller names; else, where the compiler is, the very one that is asked for,
 * from the cache or compiled into it, which takes minutes; else one from the cache that fits. `manifest.outputs` is in the order
 * in which the offline model gives its outputs; where it was not compiled for this request it may give more, and have other
 * batch sizes.
 *
 * @throws WebsslError `BACKEND_OFFLINE_MODEL_INVALID`, `BACKEND_OFFLINE_MODEL_UNFIT` for a folder that is named;
 * `BACKEND_MODEL_NOT_COMPILED` where there is no compiler; `BACKEND_COMPILER_MISSING`, `BACKEND_COMPILE_FAILED`,
 * `BACKEND_MODEL_REFUSED`, `BACKEND_WEIGHTS_UNREADABLE`, `BACKEND_FOLDER_UNWRITABLE`, `BACKEND_DISK_FULL` and `GRAPH_*` of
 * compiling; `BACKEND_OPTION_INVALID`, `BACKEND_ABORTED`.
 */
export async function offlineModelFor(
  source: ModelSource,
  request: OfflineModelRequest,
): Promise<OfflineModel> {
  const plan = compilationPlan(request);
  const { cacheFolder = defaultCacheFolder(), onCompilerLine, signal } = request;
  return orAborted('Finding or compiling the offline model', signal, async () => {
    const fingerprint = await rememberedFingerprint(source, cacheFolder, signal);
    if (request.offlineModel !== undefined) {
      const model = await readOfflineModel(request.offlineModel);
      requireFit(source, fingerprint, plan, model);
      return model;
    }
    const compiler = await findCompiler(request.compiler);
    if (compiler === undefined) {
      const cached = await fittingModel(source, fingerprint, plan, cacheFolder);
      if (cached !== undefined) return cached;
      throw notCompiled(source, plan, cacheFolder);
    }
    return compiledIntoCache(source, fingerprint, plan, compiler, {
      cacheFolder,
      ...(onCompilerLine && { onCompilerLine }),
      ...(signal && { signal }),
    });
  });
}

function notCompiled(source: ModelSource, plan: CompilationPlan, cacheFolder: string): WebsslError {
  const description = source.describe();
  const command = exportCommand(description, plan);
  const searched = compilerFolders().join(', ');
  return new WebsslError({
    code: 'BACKEND_MODEL_NOT_COMPILED',
    message:
      `${description.id} is not compiled for ${plan.soc} in ${plan.precision}, and the compiler atc is not here (looked in ${searched}). ` +
      `Source the set_env.sh of CANN or name atc with the option compiler. Or run this on a machine that has atc: ${command} ` +
      '- then copy the folder that it makes to this machine and run: webssl export om --adopt <folder>',
    details: { command, cacheFolder, searched: compilerFolders() },
  });
}
