import type { RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { Thresholds } from '../thresholds.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { combine } from './combine.js';
import { decide } from './decide.js';
import type { Run } from './runs.js';

/** Whether an accuracy and a performance run are of one model, on the same devices of one machine, in the same batches. */
export function judgeMatch(
  accuracy: Run<'accuracy'>,
  performance: Run<'performance'>,
  thresholds: Thresholds,
): Rule[] {
  const records = [
    ...recordsOf(accuracy.records, 'run.device'),
    ...recordsOf(performance.records, 'run.device'),
  ];
  const devices = judgeSameDevices(accuracy, performance);
  return [
    judgeModels(accuracy, performance),
    combine(devices.name, [devices, judgeHardware(records), judgeMachine(accuracy, performance)], devices),
    judgeBatches(accuracy, performance, thresholds),
  ];
}

const modelKeys = ['model', 'revision', 'weights', 'synthetic', 'height', 'width'] as const;

function judgeModels({ plan: accuracy }: Run<'accuracy'>, { plan: performance }: Run<'performance'>): Rule {
  return decide('same model', {
    wrong: modelKeys
      .filter((key) => accuracy[key] !== performance[key])
      .map(
        (key) =>
          `${key} of the accuracy run is ${inWords(accuracy[key])}, of the performance run ${inWords(performance[key])}`,
      ),
    measured: inWords(accuracy.model),
    ...(accuracy.synthetic ? { note: 'synthetic weights' } : {}),
  });
}

function inWords(value: string | number | boolean | undefined): string {
  return value === undefined ? 'not given' : excerpt(String(value));
}

function judgeSameDevices(
  { plan: accuracy }: Run<'accuracy'>,
  { plan: performance }: Run<'performance'>,
): Rule {
  const checked = new Set([accuracy.reference, accuracy.candidate]);
  const measured = new Set(performance.devices);
  const without = (devices: ReadonlySet<string>, others: ReadonlySet<string>, kind: string) =>
    [...devices]
      .filter((device) => !others.has(device))
      .map((device) => `${excerpt(device)} is not in the ${kind} run`);
  return decide('same devices', {
    wrong: [
      ...without(checked, measured, 'performance'),
      ...without(measured, checked, 'accuracy'),
      // Bounds of speed are for those that are not the reference: it must be the same one.
      ...(performance.devices[0] === accuracy.reference
        ? []
        : [
            `the reference of the accuracy run, ${excerpt(accuracy.reference)}, is not the first device of the performance run`,
          ]),
    ],
    measured: excerpt([...checked].join(', ')),
    ...(checked.size === 1 ? { note: 'one device, compared with itself' } : {}),
  });
}

/**
 * Whether each batch size that was measured was compared, too: on some devices each is a compiled graph of its own. Says so
 * only, unless it is asked for.
 */
function judgeBatches(
  { plan: accuracy }: Run<'accuracy'>,
  { plan: performance }: Run<'performance'>,
  { requireComparedBatches = false }: Thresholds,
): Rule {
  const compared = new Set(accuracy.batches);
  const others = performance.batches.filter((batch) => !compared.has(batch));
  const reason = `measured and not compared: batches of ${excerpt(others.join(', '))}; an accuracy run can have them, too`;
  return decide('same batches', {
    measured: `${performance.batches.length - others.length} of ${performance.batches.length}`,
    missing: others.length > 0 && requireComparedBatches ? [reason] : [],
    ...(others.length > 0 && !requireComparedBatches ? { note: reason } : {}),
  });
}

const machineKeys = ['platform', 'arch', 'os', 'cpu', 'processors', 'node'] as const;

function judgeMachine(accuracy: Run<'accuracy'>, performance: Run<'performance'>): Rule {
  const [one, other] = [accuracy, performance].map(({ records }) => recordsOf(records, 'run.environment')[0]);
  return decide('same machine', {
    wrong: [
      ...(one === undefined || other === undefined
        ? []
        : machineKeys
            .filter((key) => one[key] !== other[key])
            .map((key) => `${key} is ${inWords(one[key])} and ${inWords(other[key])}`)),
      ...(accuracy.plan.version === performance.plan.version
        ? []
        : [`webssl is ${inWords(accuracy.plan.version)} and ${inWords(performance.plan.version)}`]),
    ],
  });
}

const hardwareKeys = ['backend', 'name', 'precision', 'library', 'isolation', 'index', 'details'] as const;

/** What a label stands for must not change between the runs. */
function judgeHardware(devices: readonly RecordOf<'run.device'>[]): Rule {
  const first = new Map<string, RecordOf<'run.device'>>();
  const wrong = devices.flatMap((record) => {
    const before = first.get(record.device) ?? record;
    first.set(record.device, before);
    return hardwareKeys
      .filter((key) => record[key] !== before[key])
      .map(
        (key) => `${key} of ${excerpt(record.device)} is ${inWords(before[key])} and ${inWords(record[key])}`,
      );
  });
  return decide('same hardware', {
    wrong,
    missing: devices.length === 0 ? ['no device is in the log'] : [],
  });
}
