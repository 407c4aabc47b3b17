import { createHash } from 'node:crypto';
import { type ImageSize, type OutputName, type TokenSelection, WebsslError } from '@webssl/backend';
import { type HostCpu, ownHostCpu } from './host-cpu.js';
import { largestBatchSize, mostBatchSizes, type OfflinePrecision, socPattern } from './manifest.js';

/** What a model is compiled for: two equal plans of one model give the same offline model. */
export interface CompilationPlan {
  readonly size: ImageSize;
  /** Sorted, each once. */
  readonly outputs: readonly OutputName[];
  readonly tokens: TokenSelection;
  readonly precision: OfflinePrecision;
  /** SoC name as `aclrtGetSocName` and `atc --soc_version` have it, such as `Ascend910B4`. */
  readonly soc: string;
  /** Ascending, each once. One: a static model. Several: gears of one model. */
  readonly batchSizes: readonly number[];
  /** Processor of the machine that is going to run it. Default: that of this one. */
  readonly hostCpu?: HostCpu;
}

/**
 * The plan for what is asked for: sorted, without repetition, and with the tokens that matter.
 * @throws WebsslError `BACKEND_OPTION_INVALID` for batch sizes that no offline model can have and for a SoC name that is none.
 */
export function compilationPlan(asked: CompilationPlan): CompilationPlan {
  const { size, outputs, tokens, precision, soc, batchSizes, hostCpu = ownHostCpu() } = asked;
  if (!socPattern.test(soc)) {
    throw invalid('soc', soc, 'the name of an Ascend SoC such as Ascend910B4 (npu-smi info shows it)');
  }
  const sizes = [...new Set(batchSizes)].sort((a, b) => a - b);
  const valid = sizes.every(
    (batch) => Number.isSafeInteger(batch) && batch >= 1 && batch <= largestBatchSize,
  );
  if (!valid || sizes.length === 0 || sizes.length > mostBatchSizes) {
    throw invalid(
      'batchSizes',
      batchSizes,
      `1 to ${mostBatchSizes} whole numbers from 1 to ${largestBatchSize}`,
    );
  }
  return {
    size: { height: size.height, width: size.width },
    outputs: [...new Set(outputs)].sort(),
    // Without last_hidden_state the selection changes nothing, and must not lead to a second compilation.
    tokens: outputs.includes('last_hidden_state') ? tokens : 'all',
    precision,
    soc,
    batchSizes: sizes,
    hostCpu,
  };
}

/** Version of what this package makes of a plan. Raised when older offline models must not be used any more. */
const formatVersion = 1;

/** Name of a plan's place in the cache: readable for people, and different for whatever gives another offline model. */
export function planKey(
  fingerprint: string,
  plan: CompilationPlan,
  compilerArguments: readonly string[],
): string {
  const identity = JSON.stringify([formatVersion, fingerprint, plan, compilerArguments]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  return `${plan.soc}-${plan.precision}-${digest}`;
}

/** Whether an offline model with these outputs and tokens has all that is asked for. */
export function covers(
  offered: Pick<CompilationPlan, 'outputs' | 'tokens'>,
  asked: Pick<CompilationPlan, 'outputs' | 'tokens'>,
): boolean {
  const tokensFit =
    offered.tokens === 'all' ||
    offered.tokens === asked.tokens ||
    !asked.outputs.includes('last_hidden_state');
  return tokensFit && asked.outputs.every((output) => offered.outputs.includes(output));
}

function invalid(option: string, value: unknown, wanted: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_OPTION_INVALID',
    message: `${option}: ${JSON.stringify(value)} is not possible: it must be ${wanted}.`,
    details: { option, value },
  });
}
