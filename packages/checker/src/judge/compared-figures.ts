import type { RecordOf } from '../records.js';
import type { Rule } from '../verdict.js';
import { excerpt } from '../words.js';
import { decide } from './decide.js';
import { ratioInWords } from './figures-in-words.js';
import { agrees, isAmount } from './numbers.js';

/** A record of how far one tensor is from another. */
type Compared = RecordOf<'accuracy.image' | 'accuracy.layer' | 'accuracy.tensor'>;

/** A bound on a ratio, and who set it. */
export interface RatioBound {
  readonly value: number;
  readonly from: string;
}

/** Whether the figures of every record are such as a comparison of finite tensors gives. */
export function judgeFigures(name: string, compared: readonly Compared[]): Rule {
  return decide(`figures of ${name}`, {
    missing: compared.length === 0 ? ['nothing was compared'] : [],
    wrong: compared.flatMap((record) => {
      const [problem] = problemsOf(record);
      return problem === undefined ? [] : [`${placeInWords(record)}: ${problem}`];
    }),
  });
}

/** Whether the NMSE of every record is within the bound; names the worst. */
export function judgeNmse(name: string, compared: readonly Compared[], bound: RatioBound): Rule {
  const worst = worstOf(compared);
  return decide(`NMSE of ${name}`, {
    missing: worst === undefined ? ['nothing was compared'] : [],
    wrong: compared.every(({ nmse }) => isWithin(nmse, bound.value)) ? [] : ['out of bound'],
    ...(worst === undefined
      ? {}
      : {
          measured: ratioInWords(worst.nmse, bound.value),
          note: `worst: ${placeInWords(worst)}; ${bound.from}`,
        }),
    bound: `at most ${ratioInWords(bound.value)}`,
  });
}

/** Whether a ratio is one, and no larger than the bound; never with NaN. */
export function isWithin(ratio: number, bound: number): boolean {
  return ratio >= 0 && ratio <= bound;
}

/** Which image of which batch size a record is of, in words. */
export function imageInWords({
  image,
  index,
  batch,
}: RecordOf<'accuracy.image' | 'accuracy.stability'>): string {
  return `${excerpt(image)} (image ${index}) in batches of ${batch}`;
}

function placeInWords(record: Compared): string {
  if (record.record === 'accuracy.tensor') return excerpt(record.tensor);
  if (record.record === 'accuracy.image') return imageInWords(record);
  return `hidden_states.${record.layer}, ${excerpt(record.image)} (image ${record.index})`;
}

/** The record with the largest NMSE; one that is NaN is worse than any. */
function worstOf<One extends Compared>(compared: readonly One[]): One | undefined {
  return compared.reduce<One | undefined>(
    (worst, one) => (worst === undefined || severity(one.nmse) > severity(worst.nmse) ? one : worst),
    undefined,
  );
}

function severity(nmse: number): number {
  return Number.isNaN(nmse) ? Number.POSITIVE_INFINITY : nmse;
}

function problemsOf(record: Compared): string[] {
  const { values, nmse, nmse_percent, relative_l2, cosine, max_abs_error, problem } = record;
  const isOff = (name: string, is: number, should: number) =>
    agrees(is, should) ? [] : [`${name} is ${is} and does not belong to nmse ${nmse}`];
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(values > 0 ? [] : ['no value was compared']),
    ...(record.not_finite === 0 ? [] : [`${record.not_finite} values are not finite`]),
    ...(record.reference_not_finite === 0
      ? []
      : [`${record.reference_not_finite} values of the reference are not finite`]),
    ...Object.entries({ nmse, max_abs_error }).flatMap(([name, value]) =>
      isAmount(value) ? [] : [`${name} is ${value}`],
    ),
    ...(Math.abs(cosine) <= 1 + 1e-6 ? [] : [`cosine is ${cosine}`]),
    ...contradictions(record),
    ...isOff('nmse_percent', nmse_percent, 100 * nmse),
    ...isOff('relative_l2', relative_l2, Math.sqrt(nmse)),
  ];
}

/**
 * What no two tensors can give. No multiple of the candidate is nearer to the reference than `1 - cosine^2` of its energy, so the
 * candidate is not either; what is nearer to it than zero is points its way; an NMSE of 0 is an error of 0 everywhere.
 */
function contradictions({ nmse, cosine, max_abs_error }: Compared): string[] {
  const isPossible = 1 - cosine * cosine <= nmse * (1 + 1e-6) + 1e-9 && (nmse >= 1 || cosine > 0);
  return [
    ...(isPossible ? [] : [`cosine ${cosine} does not belong to nmse ${nmse}`]),
    ...(nmse === 0 && max_abs_error > 0 ? [`max_abs_error ${max_abs_error} does not belong to nmse 0`] : []),
    ...(max_abs_error === 0 && nmse > 0 ? [`nmse ${nmse} does not belong to max_abs_error 0`] : []),
  ];
}
