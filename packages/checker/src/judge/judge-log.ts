import { recordSchemaVersion } from '../record-fields.js';
import type { Rule, RunKind } from '../verdict.js';
import { excerpt } from '../words.js';
import { decide } from './decide.js';
import { repeated } from './repeated.js';
import type { LogRuns } from './runs.js';

/** Whether the log is whole and holds the runs that are expected, each once, and no other. */
export function judgeLog({ damaged, runs, strays }: LogRuns, expected: readonly RunKind[]): Rule[] {
  const otherSchemas = damaged.filter(({ schema }) => schema !== undefined);
  const unreadable = damaged.filter(({ schema }) => schema === undefined);
  const isEmpty = damaged.length + runs.length + strays.length === 0;
  const lineInWords = ({ line, message }: (typeof damaged)[number]) =>
    `line ${line}: ${excerpt(message, 300)}`;
  return [
    decide('log', {
      missing: isEmpty ? ['the log is empty: it holds no record of an evaluation'] : [],
      wrong: unreadable.map(lineInWords),
      measured: `${damaged.length === 0 ? 'no' : damaged.length} damaged lines`,
    }),
    decide('schema', {
      wrong: otherSchemas.map(lineInWords),
      bound: String(recordSchemaVersion),
    }),
    decide('runs', {
      wrong: [
        ...repeated(runs.map(({ plan }) => plan.run)).map(
          (run) => `run ${excerpt(run)} is in the log more than once`,
        ),
        ...[...new Set(strays.map(({ run }) => run))].map(
          (run) => `run ${excerpt(run)} has records and no plan`,
        ),
        ...runs
          .filter(({ plan }) => !expected.includes(plan.kind))
          .map(({ plan }) => `a run of kind ${plan.kind} is not expected here`),
      ],
      measured: `${runs.length}`,
    }),
    ...expected.map((kind) => judgeKind(kind, runs.filter(({ plan }) => plan.kind === kind).length)),
  ];
}

function judgeKind(kind: RunKind, times: number): Rule {
  return decide(`${kind} run`, {
    missing: times === 0 ? [`the log holds no ${kind} run`] : [],
    wrong: times > 1 ? [`the log holds ${times} ${kind} runs: check one at a time`] : [],
    measured: String(times),
    bound: '1',
  });
}
