import { type Backend, type BackendSession, type RunResult, WebsslError } from '@webssl/backend';
import { expectedTensor, fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { SeededNumbers } from './seeded-numbers.js';
import type { SimulatorCounters } from './simulator.js';

/** Every function that a session calls, from loading the library to leaving it, and what runs on its streams. */
const places: readonly [string, ...string[]] = [
  'aclInit',
  'aclrtGetDeviceCount',
  'aclrtSetDevice',
  'aclrtCreateContext',
  'aclrtCreateStream',
  'aclrtCreateEvent',
  'aclrtMalloc',
  'aclrtMallocHost',
  'aclmdlLoadFromFile',
  'aclmdlCreateDesc',
  'aclmdlGetDesc',
  'aclmdlGetDynamicBatch',
  'aclCreateDataBuffer',
  'aclmdlCreateDataset',
  'aclmdlAddDatasetBuffer',
  'aclmdlSetDynamicBatchSize',
  'aclrtMemcpyAsync',
  'aclmdlExecuteAsync',
  'aclrtRecordEvent',
  'aclrtQueryEventStatus',
  'aclrtEventElapsedTime',
  'task.copy',
  'task.execute',
  'aclDestroyDataBuffer',
  'aclmdlDestroyDataset',
  'aclmdlDestroyDesc',
  'aclmdlUnload',
  'aclrtFree',
  'aclrtFreeHost',
  'aclrtDestroyEvent',
  'aclrtDestroyStream',
  'aclrtDestroyContext',
  'aclrtResetDevice',
  'aclFinalizeReference',
];

/** Out of memory, lost heartbeat, exceptions and timeouts of the cores, defects, and mistakes that nobody made. */
const codes: readonly [number, ...number[]] = [
  100000, 107000, 107002, 145003, 207001, 207018, 500002, 507010, 507014, 507015, 507046, 507054, 507899,
];

/** What the device refused to take back is not ours to free. */
const releaseFails = /(?:Destroy\w*|Unload|Free(?:Host)?|ResetDevice|FinalizeReference)#\d+=\d/;

/** What became of one seed. */
export interface StormOutcome {
  readonly seed: number;
  /** As the simulator takes it. */
  readonly faults: string;
  /** One for the opening, each run and the closing: `ok`, or the code of its error. */
  readonly steps: readonly string[];
  /** The longest step, in milliseconds. */
  readonly longestStep: number;
  /** What is not as it must be; empty where all is well. */
  readonly problems: readonly string[];
}

export interface StormOptions {
  /** A backend on the simulator, with isolation by process. */
  readonly backend: Backend;
  /** Makes the next processes see these faults. */
  readonly plan: (faults: string) => void;
  /** What processes that ended by themselves left behind. Called after the session is closed; forgets what it has told. */
  readonly counters: () => readonly SimulatorCounters[];
  /** Longest that any step may take. */
  readonly patienceMilliseconds: number;
}

/** The faults of a seed, as `SimulatorConfiguration.faults` takes them: one to three of them, anywhere in a session's life. */
export function stormPlan(seed: number): string {
  const numbers = new SeededNumbers(seed);
  const count = 1 + numbers.below(3);
  return Array.from({ length: count }, () => {
    const place = numbers.pick(places);
    const kind = numbers.below(10);
    const action =
      kind < 7
        ? String(numbers.pick(codes))
        : kind === 7
          ? 'crash'
          : kind === 8
            ? 'hang'
            : `delay:${1 + numbers.below(200)}`;
    return `${place}#${1 + numbers.below(6)}=${action}`;
  }).join(';');
}

/** Opens a session under the faults of a seed, runs batches of several sizes, some at once and one aborted, and closes it. */
export async function stormSeed(seed: number, options: StormOptions): Promise<StormOutcome> {
  const faults = stormPlan(seed);
  const numbers = new SeededNumbers(~seed);
  const steps: string[] = [];
  const problems: string[] = [];
  let longestStep = 0;
  const step = async <Value>(
    name: string,
    work: Promise<Value>,
    check?: (value: Value) => string | undefined,
  ) => {
    const start = performance.now();
    const outcome = await settled(work, options.patienceMilliseconds);
    longestStep = Math.max(longestStep, performance.now() - start);
    if ('value' in outcome) {
      const problem = check?.(outcome.value);
      if (problem !== undefined) problems.push(`${name}: ${problem}`);
      steps.push('ok');
      return outcome.value;
    }
    if ('error' in outcome && WebsslError.isInstance(outcome.error)) steps.push(outcome.error.code);
    else problems.push(`${name}: ${'error' in outcome ? `untyped ${String(outcome.error)}` : 'hangs'}`);
    return undefined;
  };

  options.plan(faults);
  const session = await step('open', openSession(options.backend));
  if (session !== undefined) {
    const batches = [1, 1 + numbers.below(8), 1 + numbers.below(33), 2];
    const aborted = numbers.below(batches.length * 2);
    await Promise.all(
      batches.map((size, position) => {
        const images = Array.from({ length: size }, (_, index) => (index + position) % 9);
        const controller = new AbortController();
        const run = session.run(fixturePixels(images), { signal: controller.signal });
        if (position === aborted) controller.abort();
        return step(`run ${position}`, run, (result) => difference(result, images));
      }),
    );
    await step('close', session.close());
    await step('closed', session.closed);
  }
  for (const counters of options.counters()) {
    if (!releaseFails.test(faults)) problems.push(...leaks(counters));
  }
  return { seed, faults, steps, longestStep, problems };
}

function openSession(backend: Backend): Promise<BackendSession> {
  const model = fixtureModel();
  return backend.open(model, {
    size: model.describe().imageSize,
    outputs: ['last_hidden_state'],
    isolation: 'process',
  });
}

type Settled<Value> = { readonly value: Value } | { readonly error: unknown } | Record<string, never>;

async function settled<Value>(work: Promise<Value>, patience: number): Promise<Settled<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Record<string, never>>((resolve) => {
    timer = setTimeout(() => resolve({}), patience);
  });
  try {
    return await Promise.race([
      work.then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
      timeout,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** A result must be right, whatever went wrong around it. */
function difference({ tensors }: RunResult, images: readonly number[]): string | undefined {
  const { data = new Float32Array() } = tensors.last_hidden_state ?? {};
  const expected = expectedTensor(images, 'last_hidden_state').data;
  let error = 0;
  let signal = 0;
  expected.forEach((value, index) => {
    error += (value - (data[index] ?? Number.NaN)) ** 2;
    signal += value ** 2;
  });
  return error / signal <= 1e-10 ? undefined : `wrong values, NMSE ${error / signal}`;
}

function leaks(counters: SimulatorCounters): string[] {
  return Object.entries(counters)
    .filter(([name, value]) => (name.startsWith('open') || name === 'initialisations') && value !== 0)
    .map(([name, value]) => `process ${counters.processId} left ${name} ${value}`);
}
