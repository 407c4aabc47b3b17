import type { RecordName, RecordOf } from '../records.js';
import { recordsOf } from '../records-of.js';
import type { Rule, RunKind } from '../verdict.js';
import { countOf, excerpt } from '../words.js';
import { combine } from './combine.js';
import { decide } from './decide.js';
import { judgeGrid, namedAxis } from './grid.js';
import { isAmount } from './numbers.js';
import type { Run } from './runs.js';

const namesOfKind: Readonly<Record<RunKind, readonly RecordName[]>> = {
  accuracy: ['accuracy.image', 'accuracy.layer', 'accuracy.total', 'accuracy.drift', 'accuracy.stability'],
  performance: [
    'performance.device',
    'performance.preprocessing',
    'performance.batch',
    'performance.end_to_end',
  ],
  comparison: ['accuracy.tensor'],
};

/**
 * Whether a run of any kind is whole: it came to its end, nothing of it is lost, nothing went wrong.
 *
 * @param others what else a run of this kind must have
 */
export function judgeRun(run: Run, others: readonly Rule[]): Rule {
  return combine(
    `${run.plan.kind} run`,
    [judgeEnd(run), judgeRecords(run), judgeErrors(run), judgeEnvironment(run), ...others],
    { measured: countOf(run.records.length, 'record') },
  );
}

/** The devices of a run, each once and in its role. */
export function judgeDevices(
  { records }: Run,
  devices: readonly { readonly device: string; readonly role: 'reference' | 'candidate' }[],
): Rule {
  return judgeGrid(
    'devices',
    [
      namedAxis(
        '',
        devices.map(({ role, device }) => `${role} ${device}`),
      ),
    ],
    recordsOf(records, 'run.device').map(({ role, device }) => [`${role} ${device}`]),
  );
}

function judgeEnd({ records }: Run): Rule {
  const ends = recordsOf(records, 'run.end');
  return decide('end', {
    missing: ends.length === 0 ? ['the run has no end: it was cut off, or goes on'] : [],
    wrong: [
      ...(ends.length > 1 ? [`the run has ${ends.length} ends`] : []),
      ...ends.flatMap(({ seconds }) => (isAmount(seconds) ? [] : [`seconds of its end is ${seconds}`])),
      ...ends.flatMap(({ status }) => (status === 'complete' ? [] : [`the run was ${inWords[status]}`])),
      ...(records[0]?.record === 'run.plan' ? [] : ['the run does not begin with its plan']),
      ...(ends.length === 0 || records.at(-1)?.record === 'run.end' ? [] : ['the run goes on after its end']),
    ],
  });
}

const inWords = { interrupted: 'interrupted', failed: 'given up' };

function judgeRecords({ plan, records }: Run): Rule {
  const [end] = recordsOf(records, 'run.end');
  const found = records.length - 1;
  const foreign = records.filter(
    ({ record }) => !record.startsWith('run.') && !namesOfKind[plan.kind].includes(record),
  );
  return decide('records', {
    missing: end === undefined ? ['how many there should be is said at the end of the run'] : [],
    wrong: [
      ...(end === undefined || end.records === found
        ? []
        : [`${found} are in the log, the run wrote ${end.records} before its end`]),
      ...foreign.map(({ record }) => `${record} does not belong into a run of this kind`),
    ],
  });
}

function judgeErrors({ records }: Run): Rule {
  const errors = recordsOf(records, 'run.error');
  return decide('errors', { wrong: errors.map(errorInWords) });
}

function errorInWords({ code, message, device, batch, index, image }: RecordOf<'run.error'>): string {
  const place = [
    ...(device === undefined ? [] : [device]),
    ...(batch === undefined ? [] : [`batch ${batch}`]),
    ...(image === undefined ? [] : [image]),
    ...(index === undefined ? [] : [`image ${index}`]),
  ];
  const where = place.length === 0 ? '' : ` (${excerpt(place.join(', '))})`;
  return `${excerpt(code)}${where}: ${excerpt(message, 300)}`;
}

/** Two files can be compared anywhere; there it is enough that it is not there twice. */
function judgeEnvironment({ plan, records }: Run): Rule {
  const { length } = recordsOf(records, 'run.environment');
  return decide('environment', {
    missing: length === 0 && plan.kind !== 'comparison' ? ['what the run was made on is not in the log'] : [],
    wrong: length > 1 ? ['it is there more than once'] : [],
  });
}
