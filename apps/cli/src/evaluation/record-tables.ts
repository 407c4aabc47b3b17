import { type EvaluationRecord, escapeInvisible, type RecordOf, recordsOf } from '@webssl/checker';
import { formatBytes } from '@webssl/command-line';
import { formatTable } from '../table.js';

/** The records of runs as tables for a terminal, each with its title. */
export function recordTables(records: readonly EvaluationRecord[]): string[] {
  return [
    plans(records),
    devices(records),
    images(records),
    totals(records),
    layers(records),
    stability(records),
    tensors(records),
    batches(records),
    deviceCosts(records),
    endToEnd(records),
    errors(records),
  ].filter((table) => table !== '');
}

type Row = readonly (string | number)[];

function table(title: string, header: readonly string[], rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  // Names and messages of others stand in the cells: none may break a line or turn the direction of writing.
  const cells = rows.map((row) => row.map((cell) => escapeInvisible(String(cell))));
  return `${title}\n${formatTable(header, cells)}`;
}

function plans(records: readonly EvaluationRecord[]): string {
  const lines = recordsOf(records, 'run.plan').flatMap((plan) => {
    const synthetic = plan.synthetic ? ['SYNTHETIC WEIGHTS: random numbers of the true architecture.'] : [];
    if (plan.kind === 'comparison') return [`${plan.candidate} against ${plan.reference}`, ...synthetic];
    return [`${plan.kind}: ${plan.model}, ${plan.height} x ${plan.width} pixels`, ...synthetic];
  });
  return [...new Set(lines)].map(escapeInvisible).join('\n');
}

function devices(records: readonly EvaluationRecord[]): string {
  const rows = recordsOf(records, 'run.device').map(
    ({ device, role, backend, precision, name, library, details }) =>
      [device, role, `${backend}:${precision}`, name, library, words(details)] as const,
  );
  const unique = [...new Map(rows.map((row) => [row.join('\n'), row])).values()];
  return table('Devices', ['device', 'role', 'runs', 'on', 'library', 'details'], unique);
}

/** `{"threads":2}` reads `threads 2`. */
function words(details: string): string {
  const parsed: Record<string, unknown> = JSON.parse(details);
  return Object.entries(parsed)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

const figureColumns = ['NMSE', 'NMSE %', 'relative L2', 'cosine', 'max abs error', 'not finite', 'problem'];

function figures(record: RecordOf<'accuracy.image' | 'accuracy.layer' | 'accuracy.tensor'>): Row {
  return [
    scientific(record.nmse),
    percent(record.nmse_percent),
    scientific(record.relative_l2),
    record.cosine.toFixed(9),
    scientific(record.max_abs_error),
    record.not_finite,
    record.problem ?? '',
  ];
}

/** Images of which each is shown; of more, the worst. */
const shownImages = 40;

function images(records: readonly EvaluationRecord[]): string {
  const all = recordsOf(records, 'accuracy.image');
  const shown =
    all.length <= shownImages
      ? all
      : [...all].sort((a, b) => severity(b.nmse) - severity(a.nmse)).slice(0, shownImages);
  return table(
    shown === all ? 'Images' : `The ${shownImages} worst of ${all.length} comparisons`,
    ['image', 'batch', 'tensor', ...figureColumns],
    shown.map((record) => [record.image, record.batch, record.tensor, ...figures(record)]),
  );
}

function severity(nmse: number): number {
  return Number.isFinite(nmse) ? nmse : Number.POSITIVE_INFINITY;
}

function totals(records: readonly EvaluationRecord[]): string {
  return table(
    'Over all images and batches',
    [
      'tensor',
      'comparisons',
      'mean NMSE',
      'max NMSE',
      'max NMSE %',
      'min cosine',
      'max abs error',
      'not finite',
    ],
    recordsOf(records, 'accuracy.total').map((total) => [
      total.tensor,
      total.comparisons,
      scientific(total.mean_nmse),
      scientific(total.max_nmse),
      percent(total.max_nmse_percent),
      total.min_cosine.toFixed(9),
      scientific(total.max_abs_error),
      total.not_finite,
    ]),
  );
}

function layers(records: readonly EvaluationRecord[]): string {
  const worst = new Map<number, RecordOf<'accuracy.layer'>>();
  for (const record of recordsOf(records, 'accuracy.layer')) {
    const before = worst.get(record.layer);
    if (before === undefined || severity(record.nmse) > severity(before.nmse))
      worst.set(record.layer, record);
  }
  const rows = [...worst.values()].map((record) => [
    record.layer === 0 ? 'embeddings' : `layer ${record.layer}`,
    record.image,
    ...figures(record),
  ]);
  const drift = recordsOf(records, 'accuracy.drift').map(({ first_layer_over, bound }) =>
    first_layer_over === undefined
      ? `No layer is over ${scientific(bound)}.`
      : `The first one over ${scientific(bound)}: ${first_layer_over === 0 ? 'the embeddings' : `layer ${first_layer_over}`}.`,
  );
  const layerTable = table('Layers, the worst image of each', ['after', 'image', ...figureColumns], rows);
  return [layerTable, ...drift].filter((part) => part !== '').join('\n');
}

function stability(records: readonly EvaluationRecord[]): string {
  return table(
    'Stability: the candidate against its own first run',
    ['image', 'batch', 'runs', 'identical', 'max NMSE', 'max abs error'],
    recordsOf(records, 'accuracy.stability').map((record) => [
      record.image,
      record.batch,
      record.runs,
      record.identical ? 'yes' : 'no',
      scientific(record.max_nmse),
      scientific(record.max_abs_error),
    ]),
  );
}

function tensors(records: readonly EvaluationRecord[]): string {
  return table(
    'Tensors',
    ['tensor', ...figureColumns],
    recordsOf(records, 'accuracy.tensor').map((record) => [record.tensor, ...figures(record)]),
  );
}

function batches(records: readonly EvaluationRecord[]): string {
  const speeds = table(
    'Speed, milliseconds a batch',
    [
      'device',
      'batch',
      'n',
      'min',
      'mean',
      'median',
      'p90',
      'p95',
      'p99',
      'stddev',
      'images/s',
      'speed-up',
      '',
    ],
    recordsOf(records, 'performance.batch').map((record) => [
      record.device,
      record.batch,
      record.n,
      ...[record.min_ms, record.mean_ms, record.median_ms, record.p90_ms, record.p95_ms, record.p99_ms].map(
        milliseconds,
      ),
      milliseconds(record.stddev_ms),
      record.images_per_second.toFixed(2),
      record.speedup === undefined ? '-' : `${record.speedup.toFixed(2)}x`,
      record.unstable ? 'unstable' : '',
    ]),
  );
  const isRelated = recordsOf(records, 'performance.batch').some(({ speedup }) => speedup !== undefined);
  const [plan] = recordsOf(records, 'run.plan').filter(({ kind }) => kind === 'performance');
  return isRelated && plan?.kind === 'performance'
    ? `${speeds}\nspeed-up: images/s over those of ${escapeInvisible(plan.devices[0] ?? '')} in batches of 1`
    : speeds;
}

function deviceCosts(records: readonly EvaluationRecord[]): string {
  const costs = table(
    'Devices: once',
    ['device', 'load ms', 'first inference ms', 'peak memory'],
    recordsOf(records, 'performance.device').map((record) => [
      record.device,
      milliseconds(record.load_ms),
      milliseconds(record.first_inference_ms),
      record.peak_memory_bytes === undefined ? '-' : formatBytes(record.peak_memory_bytes),
    ]),
  );
  const preprocessing = recordsOf(records, 'performance.preprocessing').map(
    ({ median_ms, n }) => `Preprocessing: ${milliseconds(median_ms)} ms an image (median of ${n}).`,
  );
  return [costs, ...preprocessing].filter((part) => part !== '').join('\n');
}

function endToEnd(records: readonly EvaluationRecord[]): string {
  return table(
    'From file to feature',
    ['device', 'batch', 'images', 'seconds', 'images/s'],
    recordsOf(records, 'performance.end_to_end').map((record) => [
      record.device,
      record.batch,
      record.images,
      record.seconds.toFixed(1),
      record.images_per_second.toFixed(2),
    ]),
  );
}

function errors(records: readonly EvaluationRecord[]): string {
  return table(
    'Errors',
    ['where', 'code', 'message'],
    recordsOf(records, 'run.error').map(({ device, batch, image, code, message }) => [
      [device, batch === undefined ? undefined : `batch ${batch}`, image].filter(Boolean).join(', '),
      code,
      message,
    ]),
  );
}

function scientific(value: number): string {
  return value === 0 ? '0' : value.toExponential(2);
}

function percent(value: number): string {
  return value === 0 ? '0' : value >= 0.01 ? value.toFixed(3) : value.toExponential(2);
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(value < 10 ? 3 : 1);
}
