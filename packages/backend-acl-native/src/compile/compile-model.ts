import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelSource, WebsslError } from '@webssl/backend';
import type { CompilationPlan } from './compilation-plan.js';
import {
  compilerArguments,
  graphFolder,
  operatorCacheArguments,
  operatorPrecisionFile,
  operatorPrecisions,
} from './compiler-arguments.js';
import { errorCodes, explainFailure } from './compiler-problems.js';
import type { Compiler } from './find-compiler.js';
import { makeFolder } from './make-folder.js';
import type { OfflineModelManifest } from './manifest.js';
import { ownVersion } from './own-version.js';
import type { PendingManifest } from './pending-manifest.js';
import { type CompilerRun, runCompiler } from './run-compiler.js';
import { graphName, writeGraph } from './write-graph.js';
import { writeManifest } from './write-manifest.js';

export interface CompilationJob {
  readonly compiler: Compiler;
  /** Empty, and nobody else's: everything is made here. */
  readonly folder: string;
  /** File that gets what the compiler writes. */
  readonly log: string;
  /** Folder for compiled operators, which later compilations use again. */
  readonly operatorCache: string;
  /** Whether the weights that the graph points to stay beside it. Without them the graph is a record only. */
  readonly keepWeights: boolean;
  readonly onCompilerLine?: (line: string) => void;
  /** Gets the process group of the compiler when it starts. */
  readonly onCompilerStart?: (leader: number) => void;
  readonly signal?: AbortSignal;
}

const shownLines = 15;

/**
 * Writes everything that the compiler needs into an empty folder.
 * @param program the compiler as it is going to be called
 * @throws WebsslError as {@link writeGraph}; errors of the file system.
 */
export async function prepareFolder(
  source: ModelSource,
  plan: CompilationPlan,
  folder: string,
  program: string,
  signal?: AbortSignal,
): Promise<PendingManifest> {
  await mkdir(join(folder, graphFolder));
  const { outputs, opset } = await writeGraph(source, plan, join(folder, graphFolder), signal);
  const precisions = operatorPrecisions(plan);
  if (precisions !== undefined) await writeFile(join(folder, operatorPrecisionFile), precisions);
  const { id, synthetic } = source.describe();
  const fingerprint = await source.fingerprint(signal);
  return {
    format: 1,
    model: { id, fingerprint, synthetic },
    size: { ...plan.size },
    outputs: [...outputs],
    tokens: plan.tokens,
    precision: plan.precision,
    batchSizes: [...plan.batchSizes],
    soc: plan.soc,
    ...(opset !== undefined && { opset }),
    websslVersion: ownVersion(),
    command: [program, ...compilerArguments(plan)],
  };
}

/**
 * Compiles a model in a folder and writes its manifest.
 * @throws WebsslError `BACKEND_COMPILE_FAILED`, and as {@link prepareFolder}; the signal's reason; errors of the file system.
 */
export async function compileModel(
  source: ModelSource,
  plan: CompilationPlan,
  job: CompilationJob,
): Promise<OfflineModelManifest> {
  const { compiler, folder, log, onCompilerLine, onCompilerStart, signal } = job;
  const prepared = await prepareFolder(source, plan, folder, compiler.path, signal);
  await makeFolder(job.operatorCache);
  const [program = '', ...decisive] = prepared.command;
  const given = [...decisive, ...operatorCacheArguments(job.operatorCache)];
  const run = await runCompiler({
    program,
    arguments: given,
    folder,
    log,
    ...(onCompilerLine && { onLine: onCompilerLine }),
    ...(onCompilerStart && { onStart: onCompilerStart }),
    ...(signal && { signal }),
  });
  const subject = `${prepared.model.id} for ${plan.soc} (${plan.precision})`;
  if (run.status !== 0 || !run.saysSuccess) throw compileFailed(subject, run, log);
  if (!job.keepWeights) await removeWeights(join(folder, graphFolder));
  const origin = { ...prepared, command: [program, ...given], compilerVersion: compiler.version };
  return writeManifest(folder, origin, signal).catch((cause: unknown) => {
    if (!WebsslError.isInstance(cause, 'BACKEND_OFFLINE_MODEL_INVALID')) throw cause;
    throw new WebsslError({
      code: 'BACKEND_COMPILE_FAILED',
      message: `atc says that it compiled ${subject}, but what it left is not usable: ${cause.message} The whole log: ${log}`,
      cause,
      details: { kind: 'result-unusable', log },
    });
  });
}

function compileFailed(subject: string, run: CompilerRun, log: string): WebsslError {
  const { kind, meaning, advice } = explainFailure(run);
  const codes = errorCodes(run.lines);
  const end = run.signal ?? `exit status ${run.status}`;
  const which = [...codes, end].join(', ');
  const last = run.lines
    .slice(-shownLines)
    .map((line) => `\n  ${line}`)
    .join('');
  return new WebsslError({
    code: 'BACKEND_COMPILE_FAILED',
    message: `atc could not compile ${subject}: ${meaning} (${which}). ${advice} The whole log: ${log}${last && `. Its last lines:${last}`}`,
    details: { kind, errorCodes: codes, status: run.status, signal: run.signal, log },
  });
}

async function removeWeights(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== graphName);
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true })));
}
