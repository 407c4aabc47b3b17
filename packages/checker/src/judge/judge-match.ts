import type { RecordOf } from '../records.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { combine } from './combine.js';
import { decide } from './decide.js';
import { named, type Run } from './runs.js';

/** Whether an accuracy and a performance run are of one model, on the same devices. */
export function judgeMatch(accuracy: Run<'accuracy'>, performance: Run<'performance'>): Rule[] {
  const records = [...named(accuracy.records, 'run.device'), ...named(performance.records, 'run.device')];
  const devices = judgeSameDevices(accuracy, performance);
  return [
    judgeModels(accuracy, performance),
    combine(devices.name, [devices, judgeHardware(records)], devices),
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
  const checked = [...new Set([accuracy.reference, accuracy.candidate])];
  const measured = [...new Set(performance.devices)];
  const without = (devices: readonly string[], others: readonly string[], kind: string) =>
    devices
      .filter((device) => !others.includes(device))
      .map((device) => `${excerpt(device)} is not in the ${kind} run`);
  return decide('same devices', {
    wrong: [...without(checked, measured, 'performance'), ...without(measured, checked, 'accuracy')],
    measured: excerpt(checked.join(', ')),
  });
}

const hardwareKeys = ['backend', 'name', 'precision', 'library'] as const;

/** What a label stands for must not change between the runs. */
function judgeHardware(devices: readonly RecordOf<'run.device'>[]): Rule {
  const first = new Map<string, RecordOf<'run.device'>>();
  const wrong = devices.flatMap((record) => {
    const before = first.get(record.device) ?? record;
    first.set(record.device, before);
    return hardwareKeys
      .filter((key) => record[key] !== before[key])
      .map(
        (key) => `${key} of ${excerpt(record.device)} is ${excerpt(before[key])} and ${excerpt(record[key])}`,
      );
  });
  return decide('same hardware', {
    wrong,
    missing: devices.length === 0 ? ['no device is in the log'] : [],
  });
}
