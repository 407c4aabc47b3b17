import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildOnce, cacheFolder, findCompiler, sourceFolder } from './build-cache.js';

/** What the stand-in is like. All of it reaches the library through environment variables. */
export interface OnnxRuntimeCannConfiguration {
  /** Number of NPUs. Default 1. */
  readonly devices?: number;
  /**
   * The name that this generation of the provider has for the precision; it knows no other. `first` is that of `precision_mode` before it
   * had `dump_om_model`: it always keeps what it compiled. Default `precision_mode_v2`.
   */
  readonly generation?: 'first' | 'precision_mode' | 'precision_mode_v2' | 'neither';
  /** The library was built without the provider. */
  readonly withoutProvider?: boolean;
  /** What the provider says instead of reading its options: that a library it needs is not there, for one. */
  readonly providerError?: string;
  /** Version that the library says it has. Default: that of the onnxruntime-node that computes. */
  readonly version?: string;
  /** Longest message in which CANN takes a graph with its weights, in bytes. Default 2 GiB - 1. */
  readonly graphLimitBytes?: number;
  /** Operators that this version of the provider does not take. */
  readonly withoutOperators?: readonly string[];
  /**
   * Faults by plan, as in `SimulatorConfiguration`. The places are `update` (of provider options), `append`, `create` (of a
   * session), `compile`, `save` and `load` (of a compiled model) and `run`.
   */
  readonly faults?: string;
  /** The library multiplies the weights whose name contains this by 1.5: one that gets a layer wrong. */
  readonly wrongWeights?: string;
  /** What is broken of the library's function table, so that it cannot be used. */
  readonly broken?: 'base' | 'functions' | 'version' | 'table' | 'place';
  /** A file to which a line is added for each model that is compiled or loaded: `compile <file>`, `load <file>`. */
  readonly log?: string;
}

/** The compiled stand-in. */
export interface OnnxRuntimeCann {
  /** Path of `libonnxruntime.so`. */
  readonly library: string;
  /** The environment variables of a configuration, those of an earlier one unset included. */
  environment(configuration?: OnnxRuntimeCannConfiguration): Readonly<Record<string, string | undefined>>;
}

/** Its own files, and those that it shares with the other stand-ins. */
const folder = 'onnxruntime-cann';
const libraryName = 'libonnxruntime.so';
const shared = [
  'compiler/protobuf',
  'compiler/onnx-model',
  'common/environment',
  'common/number-formats',
  'library/faults',
];

/**
 * Compiles a stand-in for an ONNX Runtime that was built with the CANN provider: it computes with the library inside onnxruntime-node, and
 * does what the provider is documented to do around it. Compiled once for each content of its sources; several processes may ask at once.
 * @returns the stand-in, or which tool is not here
 * @throws Error with what the compiler said, where it refuses the sources
 */
export function buildOnnxRuntimeCann(): OnnxRuntimeCann | { readonly missing: string } {
  if (process.platform !== 'linux') return { missing: 'Linux' };
  const compiler = findCompiler();
  if (compiler === undefined) return { missing: 'a C++ compiler (CXX, c++, g++, clang++)' };
  const stock = stockLibrary();
  if (!existsSync(stock)) return { missing: `onnxruntime-node for ${process.platform}-${process.arch}` };
  const own = readdirSync(join(sourceFolder, folder)).map((name) => `${folder}/${name}`);
  const sources = [...own.filter((name) => name.endsWith('.cpp')), ...shared.map((name) => `${name}.cpp`)];
  const headers = [
    ...own.filter((name) => name.endsWith('.h')),
    ...shared.map((name) => `${name}.h`),
    'compiler/onnx-fields.h',
  ];
  const target = join(cacheFolder, `${folder}-${hashOf([compiler, stock], [...sources, ...headers])}`);
  buildOnce(target, (unfinished) => compile(compiler, sources, stock, join(unfinished, libraryName)));
  return { library: join(target, libraryName), environment };
}

function hashOf(words: readonly string[], files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const word of words) hash.update(word).update('\0');
  for (const file of [...files].sort()) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(sourceFolder, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function compile(compiler: string, sources: readonly string[], stock: string, library: string): void {
  const { status, stderr, error } = spawnSync(
    compiler,
    [
      ...['-std=c++17', '-O1', '-Wall', '-Wextra', '-fPIC', '-shared', '-fvisibility=hidden'],
      `-DSTOCK_ONNXRUNTIME=${JSON.stringify(stock)}`,
      ...sources,
      ...['-o', library, '-ldl', '-pthread'],
    ],
    { cwd: sourceFolder, encoding: 'utf8' },
  );
  if (status !== 0)
    throw new Error(`The stand-in for ONNX Runtime does not compile:\n${stderr}`, { cause: error });
}

function stockLibrary(): string {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(runtime, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
}

function environment(
  configuration: OnnxRuntimeCannConfiguration = {},
): Readonly<Record<string, string | undefined>> {
  const { devices, generation, withoutProvider, providerError, version, graphLimitBytes } = configuration;
  const { withoutOperators, faults, wrongWeights, broken, log } = configuration;
  return {
    WEBSSL_SIMULATOR_PROVIDER_DEVICES: devices?.toString(),
    WEBSSL_SIMULATOR_PROVIDER_GENERATION: generation,
    WEBSSL_SIMULATOR_PROVIDER_MISSING: withoutProvider ? '1' : undefined,
    WEBSSL_SIMULATOR_PROVIDER_ERROR: providerError,
    WEBSSL_SIMULATOR_PROVIDER_VERSION: version,
    WEBSSL_SIMULATOR_PROVIDER_GRAPH_LIMIT: graphLimitBytes?.toString(),
    WEBSSL_SIMULATOR_PROVIDER_WITHOUT_OPERATORS: withoutOperators?.join(','),
    WEBSSL_SIMULATOR_PROVIDER_FAULTS: faults,
    WEBSSL_SIMULATOR_PROVIDER_WRONG_WEIGHTS: wrongWeights,
    WEBSSL_SIMULATOR_PROVIDER_BROKEN: broken,
    WEBSSL_SIMULATOR_PROVIDER_LOG: log,
  };
}
