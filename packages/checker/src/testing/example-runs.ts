import type { EvaluationRecord, RecordName, RecordOf } from '../records.js';

type Figures = Omit<RecordOf<'accuracy.tensor'>, 'record' | 'run' | 'tensor'>;

const model = {
  schema: 1,
  started: '2026-01-02T03:04:05.000Z',
  version: '1.2.3',
  model: 'facebook/webssl-mae700m-full2b-224',
  revision: '0123456789abcdef0123456789abcdef01234567',
  weights: 'sha256:1234',
  synthetic: false,
  height: 224,
  width: 224,
} as const;

const environment = {
  record: 'run.environment',
  node: 'v22.1.0',
  platform: 'linux',
  arch: 'arm64',
  os: 'Linux 5.10',
  cpu: 'Kunpeng 920 "7260"',
  processors: 64,
  memory_bytes: 549_755_813_888,
} as const;

const images = ['photos/cat.jpg', 'a dog="1".png'];
const tensors = ['last_hidden_state', 'cls'] as const;

/** What one comparison measured, its dependent figures worked out. */
export function figures(nmse: number): Figures {
  return {
    values: 328_960,
    nmse,
    nmse_percent: nmse * 100,
    relative_l2: Math.sqrt(nmse),
    cosine: 0.9999995,
    max_abs_error: 0.0044,
    not_finite: 0,
    reference_not_finite: 0,
  };
}

function device(run: string, label: string, role: 'reference' | 'candidate'): RecordOf<'run.device'> {
  const isCpu = label === 'cpu';
  return {
    record: 'run.device',
    run,
    device: label,
    role,
    backend: isCpu ? 'cpu' : 'acl-native',
    name: isCpu ? 'Kunpeng 920 "7260"' : 'Ascend910B4',
    precision: isCpu ? 'fp32' : 'fp16',
    library: isCpu ? 'onnxruntime 1.30.0' : 'AscendCL 1.16.0',
    isolation: 'process',
    ...(isCpu ? {} : { index: 0 }),
    details: '{"threads":2}',
  };
}

/** With its end, which counts them. */
function closed(records: readonly EvaluationRecord[]): EvaluationRecord[] {
  const [first] = records;
  if (first === undefined) return [];
  return [
    ...records,
    { record: 'run.end', run: first.run, seconds: 12.5, records: records.length, status: 'complete' },
  ];
}

/** An accuracy run that holds in every respect: two images, batches of 1 and 2. */
export function accuracyRun({ layers = 0, stability = 0 } = {}): EvaluationRecord[] {
  const run = 'run-of-accuracy';
  const places = images.flatMap((image, index) => [1, 2].map((batch) => ({ run, index, image, batch })));
  const layerFigures = (index: number, layer: number) => figures(1e-6 * (1 + index) * (1 + layer));
  return closed([
    {
      ...model,
      record: 'run.plan',
      run,
      kind: 'accuracy',
      reference: 'cpu',
      candidate: 'acl-native:fp16@0',
      images: 2,
      batches: [1, 2],
      layers,
      stability,
      max_nmse: 0.01,
    },
    { ...environment, run },
    device(run, 'cpu', 'reference'),
    device(run, 'acl-native:fp16@0', 'candidate'),
    ...places.flatMap((place) =>
      tensors.map((tensor) => ({
        record: 'accuracy.image' as const,
        ...place,
        tensor,
        // 1e-5, 2e-5, 3e-5 and 4e-5
        ...figures(1e-5 * (2 * place.index + place.batch)),
      })),
    ),
    ...images.flatMap((image, index) =>
      Array.from({ length: layers }, (_, layer) => ({
        record: 'accuracy.layer' as const,
        run,
        index,
        image,
        layer,
        ...layerFigures(index, layer),
      })),
    ),
    ...(layers === 0
      ? []
      : [
          {
            record: 'accuracy.drift' as const,
            run,
            bound: 0.01,
            worst_layer: layers - 1,
            worst_nmse: 2e-6 * layers,
          },
        ]),
    ...(stability === 0 ? [] : places).map((place) => ({
      record: 'accuracy.stability' as const,
      ...place,
      runs: stability,
      identical: place.batch === 1,
      max_nmse: place.batch === 1 ? 0 : 1e-9,
      max_abs_error: place.batch === 1 ? 0 : 1e-4,
      not_finite: 0,
    })),
    ...tensors.map((tensor) => ({
      record: 'accuracy.total' as const,
      run,
      tensor,
      comparisons: 4,
      mean_nmse: 2.5e-5,
      mean_nmse_percent: 2.5e-3,
      max_nmse: 4e-5,
      max_nmse_percent: 4e-3,
      mean_relative_l2: (Math.sqrt(1e-5) + Math.sqrt(2e-5) + Math.sqrt(3e-5) + Math.sqrt(4e-5)) / 4,
      max_relative_l2: Math.sqrt(4e-5),
      mean_cosine: 0.9999995,
      min_cosine: 0.9999995,
      max_abs_error: 0.0044,
      not_finite: 0,
    })),
  ]);
}

/** Images a second of {@link performanceRun}. */
const rates: Readonly<Record<string, readonly [number, number]>> = {
  cpu: [0.8, 0.8],
  'acl-native:fp16@0': [32, 80],
};

/** A performance run that holds in every respect: two devices, batches of 1 and 4. */
export function performanceRun({
  endToEnd = false,
  devices = ['cpu', 'acl-native:fp16@0'],
} = {}): EvaluationRecord[] {
  const run = 'run-of-performance';
  const measured = devices.flatMap((label) =>
    [1, 4].map((batch, at) => ({ run, device: label, batch, rate: rates[label]?.[at] ?? 1 })),
  );
  return closed([
    {
      ...model,
      record: 'run.plan',
      run,
      kind: 'performance',
      devices,
      images: 2,
      batches: [1, 4],
      concurrency: 1,
      warmup: 1,
      min_seconds: 3,
      min_iterations: 5,
      end_to_end: endToEnd,
    },
    { ...environment, run },
    {
      record: 'performance.preprocessing',
      run,
      n: 5,
      min_ms: 20,
      mean_ms: 21,
      median_ms: 20.5,
      stddev_ms: 0.4,
    },
    ...devices.map((label, at) => device(run, label, at === 0 ? 'reference' : 'candidate')),
    ...devices.map((label) => ({
      record: 'performance.device' as const,
      run,
      device: label,
      load_ms: 3000,
      first_inference_ms: 1500,
      ...(label === 'cpu' ? { peak_memory_bytes: 2_684_354_560 } : {}),
    })),
    ...measured.map(({ rate, ...place }) => {
      const each = (1000 * place.batch) / rate;
      const n = Math.max(5, Math.ceil(3000 / each));
      return {
        record: 'performance.batch' as const,
        ...place,
        concurrency: 1,
        n,
        seconds: (n * each) / 1000,
        min_ms: each * 0.9,
        mean_ms: each,
        median_ms: each * 0.99,
        ...(n < 10 ? {} : { p90_ms: each * 1.1 }),
        stddev_ms: each * 0.05,
        images_per_second: rate,
        compute_ms: each * 0.8,
        speedup: rate / 0.8,
        first_half_ms: each,
        second_half_ms: each,
        unstable: false,
      };
    }),
    ...(endToEnd ? measured : []).map(({ rate, ...place }) => {
      const images = place.batch * Math.max(5, Math.ceil((3 * rate) / place.batch));
      return {
        record: 'performance.end_to_end' as const,
        ...place,
        images,
        seconds: images / rate,
        images_per_second: rate,
      };
    }),
  ]);
}

/** A comparison of two files that holds in every respect. */
export function comparisonRun(): EvaluationRecord[] {
  const run = 'run-of-comparison';
  return closed([
    {
      record: 'run.plan',
      run,
      schema: 1,
      started: model.started,
      version: model.version,
      kind: 'comparison',
      reference: 'torch.safetensors',
      candidate: 'webssl.safetensors',
      tensors: 2,
      max_nmse: 0.01,
    },
    { ...environment, run },
    { record: 'accuracy.tensor', run, tensor: 'last_hidden_state', ...figures(1e-5) },
    { record: 'accuracy.tensor', run, tensor: 'last_hidden_state.cls', ...figures(2e-5) },
  ]);
}

/** Both runs, with everything that can be planned. */
export function wholeLog(): EvaluationRecord[] {
  return [...accuracyRun({ layers: 3, stability: 2 }), ...performanceRun({ endToEnd: true })];
}

/** The same records, one of them with other fields: the one at `position` of those of a name. */
export function changed<Name extends RecordName>(
  records: readonly EvaluationRecord[],
  name: Name,
  fields: object,
  position = 0,
): EvaluationRecord[] {
  const target = records.filter(({ record }) => record === name)[position];
  if (target === undefined) throw new Error(`there is no ${name} at ${position}`);
  return records.map((record) =>
    record === target ? ({ ...record, ...fields } as EvaluationRecord) : record,
  );
}

/** The same run without a record, whose end does not count it: as if it had never been written. */
export function without(
  records: readonly EvaluationRecord[],
  name: RecordName,
  position = 0,
): EvaluationRecord[] {
  const target = records.filter(({ record }) => record === name)[position];
  if (target === undefined) throw new Error(`there is no ${name} at ${position}`);
  return recounted(records.filter((record) => record !== target));
}

/** The same run with records before its end, which counts them. */
export function withMore(
  records: readonly EvaluationRecord[],
  ...more: readonly EvaluationRecord[]
): EvaluationRecord[] {
  return recounted([...records.slice(0, -1), ...more, ...records.slice(-1)]);
}

/** The same records, the ends of runs with the count that is true. */
export function recounted(records: readonly EvaluationRecord[]): EvaluationRecord[] {
  return records.map((record) =>
    record.record === 'run.end'
      ? { ...record, records: Math.max(1, records.filter(({ run }) => run === record.run).length - 1) }
      : record,
  );
}
