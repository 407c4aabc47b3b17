import type { EvaluationRecord, Rule } from '@webssl/checker';
import type { ReportContent } from '../report-content.js';
import { accuracyRecords, accuracyRun } from './accuracy-records.js';
import { imageDifference } from './image-difference.js';
import { performanceRecords } from './performance-records.js';
import type { Variation } from './run-records.js';

const passing: readonly Rule[] = [
  { name: 'Accuracy run is complete', status: 'PASS', measured: '2 of 2 images', bound: '2 images' },
  {
    name: 'NMSE of last_hidden_state',
    status: 'PASS',
    measured: '3.02e-05 (0.00302 %)',
    bound: 'at most 0.01 (1 %)',
    note: 'photos/china.jpg in batches of 8',
  },
  {
    name: 'NMSE of CLS',
    status: 'PASS',
    measured: '1.21e-05 (0.00121 %)',
    bound: 'at most 0.01 (1 %)',
    note: 'astronaut.jpg in batches of 4',
  },
  { name: 'All values are finite', status: 'PASS', measured: '0', bound: '0' },
  { name: 'Performance run is complete', status: 'PASS', measured: '8 of 8 batches', bound: '8 batches' },
  {
    name: 'Speed-up of acl-native:fp16@0',
    status: 'PASS',
    measured: '133 times',
    bound: 'at least 5 times',
    note: 'in batches of 16',
  },
];

/** A candidate that is right and fast. */
export function passContent(variation: Variation = {}): ReportContent {
  const images = variation.images ?? ['astronaut.jpg', 'photos/china.jpg'];
  return {
    records: [...accuracyRecords(variation), ...performanceRecords(variation)],
    verdict: { result: 'PASS', rules: passing },
    images: images.map((image, index) => imageDifference(index, image)),
    command:
      'webssl evaluate --candidate npu --batch 1,4,8,16 --layers --stability 3 --end-to-end --out results astronaut.jpg photos/china.jpg',
  };
}

/** A candidate whose layer 17 is broken, with NaN, without its large batches, on random weights. */
export function failContent(): ReportContent {
  const content = passContent({ brokenLayer: 17, synthetic: true });
  const [first, second] = content.images;
  const broken = first?.patchErrors.map((error, patch) =>
    [37, 38, 53, 54].includes(patch) ? Number.NaN : error * 40,
  );
  return {
    ...content,
    verdict: {
      result: 'FAIL',
      rules: [
        ...passing.slice(0, 1),
        {
          name: 'NMSE of last_hidden_state',
          status: 'FAIL',
          measured: 'NaN',
          bound: 'at most 0.01 (1 %)',
          note: 'astronaut.jpg in batches of 1: the candidate has 1280 values that are not finite',
        },
        {
          name: 'All values are finite',
          status: 'FAIL',
          measured: '5120',
          bound: '0',
          note: 'last_hidden_state and CLS of astronaut.jpg',
        },
        ...passing.slice(2, 3),
        {
          name: 'Performance of acl-native:fp16@0 in batches of 8',
          status: 'MISSING',
          bound: 'one record',
          note: 'ACL_OUT_OF_MEMORY',
        },
        {
          name: 'Performance of acl-native:fp16@0 in batches of 16',
          status: 'MISSING',
          bound: 'one record',
        },
      ],
    },
    images: [
      ...(first === undefined || broken === undefined ? [] : [{ ...first, patchErrors: broken }]),
      ...(second === undefined ? [] : [{ ...second, patchErrors: second.patchErrors.map(() => 0) }]),
    ],
  };
}

/** An accuracy run that was interrupted after a few images, in a damaged log. */
export function incompleteContent(): ReportContent {
  const records = accuracyRecords({}).slice(0, 9);
  return {
    records: [
      ...records,
      { record: 'run.end', run: accuracyRun, status: 'interrupted', records: records.length, seconds: 3.4 },
      { record: 'log.damaged', line: 12, message: 'performance.batch: images_per_second is no number' },
    ],
    verdict: {
      result: 'FAIL',
      rules: [
        {
          name: 'Accuracy run is complete',
          status: 'FAIL',
          measured: 'interrupted',
          bound: 'complete',
          note: '1 of 2 images',
        },
        { name: 'NMSE of last_hidden_state', status: 'MISSING', bound: 'at most 0.01 (1 %)' },
        { name: 'Performance run', status: 'MISSING', bound: 'one run' },
      ],
    },
    images: [],
    command: 'webssl evaluate --candidate npu --out results',
  };
}

/** Text that would be markup, were it not escaped. */
export const hostile =
  '</title></style><script>alert(1)</script>"\'`|<img src=x onerror=alert(2)>\u202E@team #1 {x}';

/** Markup wherever text can come from outside. */
export function hostileContent(): ReportContent {
  const content = passContent({
    images: [hostile, 'b.jpg'],
    model: hostile,
    message: `${hostile}\nsecond line`,
  });
  return {
    ...content,
    records: [
      ...content.records.map((record) =>
        record.record === 'run.device'
          ? { ...record, name: hostile, details: JSON.stringify({ [hostile]: hostile }) }
          : record,
      ),
      { record: 'log.damaged', line: 3, message: hostile },
    ],
    verdict: {
      result: 'FAIL',
      rules: [{ name: hostile, status: 'FAIL', measured: hostile, bound: hostile, note: hostile }],
    },
    command: `webssl evaluate ${hostile}`,
  };
}

/** A good evaluation with so many records more in its accuracy run, a quarter each of four kinds, and 1000 rules more. */
export function manyRecords(count: number): ReportContent {
  const content = passContent();
  const named = (name: EvaluationRecord['record']) =>
    content.records.find(
      (record): record is EvaluationRecord => record.record === name && record.run === accuracyRun,
    );
  const [image, layer, stability] = (['accuracy.image', 'accuracy.layer', 'accuracy.stability'] as const).map(
    named,
  );
  const more: EvaluationRecord[] = [];
  for (let index = 2; index < 2 + count / 4; index++) {
    const place = { index, image: `photos/${index}.jpg` };
    const error = {
      record: 'run.error',
      run: accuracyRun,
      code: 'IMAGE_UNREADABLE',
      message: 'no image',
      ...place,
    };
    for (const record of [image, layer, stability, error])
      more.push({ ...record, ...place } as EvaluationRecord);
  }
  const last = more.findLast(({ record }) => record === 'accuracy.stability');
  if (last !== undefined) Object.assign(last, { identical: false, max_nmse: 1e-9 });
  const rules = Array.from({ length: 1000 }, (_, index): Rule => ({ name: `rule ${index}`, status: 'PASS' }));
  return {
    ...content,
    // Before the end of the run, and the run of the performance.
    records: [...content.records.slice(0, 9), ...more, ...content.records.slice(9)],
    verdict: { result: 'PASS', rules: [...passing, ...rules] },
  };
}
