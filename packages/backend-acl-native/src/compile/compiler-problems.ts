import type { CompilerRun } from './run-compiler.js';

/** What a failure of the compiler means. */
export interface CompilerProblem {
  /** For programs. */
  readonly kind: string;
  readonly meaning: string;
  readonly advice: string;
}

interface KnownProblem extends CompilerProblem {
  readonly pattern: RegExp;
}

const environmentAdvice =
  'Run `source /usr/local/Ascend/ascend-toolkit/set_env.sh` (or the set_env.sh of your installation) before Node starts.';
const packageAdvice =
  'Install the operator package (opp, ops) of this SoC and of the same CANN version on this machine: from CANN 8.5 on it is needed also where no NPU is.';
const reportAdvice = 'This is not what the documentation of CANN lets expect; please report it with the log.';

/**
 * What is known of the compiler's messages, the most telling first. Codes and their meaning: error tables of GE and of the
 * operators in CANN 8; `E19010` and `EC0010` as users report them.
 */
const knownProblems: readonly KnownProblem[] = [
  {
    kind: 'library-missing',
    pattern: /error while loading shared libraries: (\S+?):/,
    meaning: 'a library that the compiler needs cannot be found',
    advice: `${environmentAdvice} Where no driver is installed, libascend_hal.so lies in the folder devlib of the toolkit: add that folder to LD_LIBRARY_PATH for the compilation only.`,
  },
  {
    kind: 'python-missing',
    pattern: /\b(?:EC0010|E40000)\b|ModuleNotFoundError/,
    meaning: 'the operator compiler of CANN is a Python program, and its Python or a module of it is missing',
    advice:
      'Install Python 3 with the modules that the installation guide of your CANN version lists (numpy, decorator, sympy, cffi, attrs, psutil, scipy and others). webssl itself needs no Python.',
  },
  {
    kind: 'option-unknown',
    pattern: /unknown command line flag|unrecognized option|unknown option/i,
    meaning: 'the compiler does not know one of the options',
    advice:
      'This needs CANN 7.0 or newer (--precision_mode_v2, --external_weight). Choose a newer atc, or compile on another machine.',
  },
  {
    kind: 'soc-unknown',
    pattern: /\bE10(?:001|003|014|061)\b.*soc_version|soc_version.*(?:invalid|not support)/i,
    meaning: 'the compiler does not know this SoC',
    advice:
      'Write the name as `npu-smi info` shows it, with Ascend before it (Ascend910B4, Ascend310P3), and check that this CANN version supports it.',
  },
  {
    kind: 'operators-missing',
    pattern: /\b(?:EZ3003|E10501)\b/,
    meaning: 'no operator library has a kernel for an operator of the model on this SoC',
    advice: `${packageAdvice} ${environmentAdvice} A SoC without float32 matrix units needs the precision fp16 or mixed.`,
  },
  {
    kind: 'operator-unsupported',
    pattern: /\bEZ3002\b/,
    meaning: 'an operator of the model is not supported on this SoC with these number types',
    advice: 'Choose the precision fp16 or mixed: not every SoC multiplies float32 matrices.',
  },
  {
    kind: 'operator-set-unsupported',
    pattern: /\b(?:E19010|E16002|EZ9010)\b|No parser is registered/i,
    meaning: 'the compiler cannot read an operator of the graph: its operator set is newer than the compiler',
    advice:
      'The graphs of webssl are opset 15 with standard operators, which CANN 7 and newer read. Use a newer CANN; a graph of your own must be opset 11 to 18.',
  },
  {
    kind: 'graph-invalid',
    pattern: /\bE1600[1-5]\b/,
    meaning: 'the compiler refuses the ONNX graph',
    advice: reportAdvice,
  },
  {
    kind: 'weights-unreadable',
    pattern: /\b(?:E10041|E13001)\b|stol\b/,
    meaning: 'the compiler cannot read the graph or its weight files',
    advice:
      'Check that the folder can be read by this user and that the disk is sound; fetch the model again with `webssl models verify --repair`.',
  },
  {
    kind: 'batch-sizes-refused',
    pattern: /\bE100(?:0[29]|1[128]|3[15-9]|40|49)\b/,
    meaning: 'the compiler refuses the input shape or the batch sizes',
    advice: 'Choose other batch sizes: 2 to 100 different ones, or a single one.',
  },
  {
    kind: 'disk-full',
    pattern: /no space left on device/i,
    meaning: 'the disk is full',
    advice:
      'The compiler needs the size of the weights about twice, also in its folder for compiled operators ($HOME/atc_data unless told otherwise).',
  },
  {
    kind: 'operator-compilation-failed',
    pattern: /\b(?:E4\d{4}|EB\d{4}|EC\d{4})\b/,
    meaning: 'the operator compiler of CANN failed',
    advice: `The lines above say at which operator. ${packageAdvice}`,
  },
  {
    kind: 'option-refused',
    pattern: /\bE10\d{3}\b/,
    meaning: 'the compiler refuses an option',
    advice: reportAdvice,
  },
  {
    kind: 'internal',
    pattern: /\b(?:E19999|E18888|EZ9999|EE9999)\b/,
    meaning: 'an inner error of CANN, which has no explanation of its own',
    advice:
      'The log of CANN in ~/ascend/log says more. Most often memory is short or the operator package does not belong to this toolkit.',
  },
];

/** Only the last lines are about the failure; the first known problem of the list decides, not the first line. */
export function explainFailure(run: CompilerRun): CompilerProblem {
  // A shell that started the compiler says by 128 + 9 that it was killed.
  if (run.signal === 'SIGKILL' || run.status === 137) {
    return {
      kind: 'killed',
      meaning: 'the compiler was killed, which the system does where memory runs out',
      advice:
        'Compiling needs several times the size of the weights. Give the machine or the container more memory, set MAX_COMPILE_CORE_NUMBER and TE_PARALLEL_COMPILER to small numbers, or compile on another machine.',
    };
  }
  const text = run.lines.join('\n');
  const known = knownProblems.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return known;
  if (run.signal !== null) {
    return {
      kind: 'crashed',
      meaning: `the compiler was ended by ${run.signal}`,
      advice: `${environmentAdvice} ${reportAdvice}`,
    };
  }
  return {
    kind: 'unknown',
    meaning: 'the compiler does not say why',
    advice: `${environmentAdvice} The log of CANN in ~/ascend/log may say more.`,
  };
}

/** Codes in the compiler's messages, such as `E10001`, each once. */
export function errorCodes(lines: readonly string[]): readonly string[] {
  const codes = lines.flatMap((line) => /^\s*(E[A-Z]?\d{4,5})(?=[:\s])/.exec(line)?.[1] ?? []);
  return [...new Set(codes)];
}
