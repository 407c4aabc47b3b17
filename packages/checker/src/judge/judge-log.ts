import type { Rule, RunKind } from '../verdict.js';
import { countOf, excerpt } from '../words.js';
import { combine } from './combine.js';
import { decide } from './decide.js';
import { repeated } from './repeated.js';
import type { LogRuns } from './runs.js';

/** Whether the log is whole and holds no run but the expected ones; then, whether it holds each of those once. */
export function judgeLog({ damaged, runs, strays }: LogRuns, expected: readonly RunKind[]): Rule[] {
  const otherSchemas = damaged.filter(({ schema }) => schema !== undefined);
  const unreadable = damaged.filter(({ schema }) => schema === undefined);
  const isEmpty = damaged.length + runs.length + strays.length === 0;
  const lineInWords = ({ line, message }: (typeof damaged)[number]) =>
    `line ${line}: ${excerpt(message, 300)}`;
  const parts = [
    decide('records', {
      missing: isEmpty ? ['it holds no record of an evaluation'] : [],
      wrong: unreadable.map(lineInWords),
    }),
    decide('schema', {
      wrong: otherSchemas.map(lineInWords),
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
    }),
  ];
  const measured = `${countOf(runs.length, 'run')}, ${countOf(damaged.length, 'damaged line')}`;
  return [
    combine('log', parts, { measured }),
    ...expected.flatMap((kind) => judgeKind(kind, runs.filter(({ plan }) => plan.kind === kind).length)),
  ];
}

/** A run that is there once is judged by what it holds. */
function judgeKind(kind: RunKind, times: number): Rule[] {
  if (times === 1) return [];
  const rule = decide(`${kind} run`, {
    missing: times === 0 ? [`the log holds no ${kind} run`] : [],
    wrong: times > 1 ? [`the log holds ${times} ${kind} runs: check one at a time`] : [],
    measured: String(times),
    bound: 'exactly 1',
  });
  return [rule];
}
