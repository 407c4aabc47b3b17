import type { LogRecord } from '@webssl/checker';
import { describe, expect, it } from 'vitest';
import { collectRuns, recordsOf } from './collect-runs.js';
import { visibleText } from './html.js';
import { renderHtmlReport } from './html-report.js';
import type { ReportContent } from './report-content.js';
import { imageDifference } from './testing/image-difference.js';
import { markupFaults, parsePage } from './testing/parse-markup.js';
import {
  failContent,
  hostile,
  hostileContent,
  incompleteContent,
  passContent,
} from './testing/report-content.js';

const empty: ReportContent = { records: [], verdict: { result: 'FAIL', rules: [] }, images: [], command: '' };
const variants = {
  pass: passContent(),
  fail: failContent(),
  incomplete: incompleteContent(),
  hostile: hostileContent(),
  empty,
};

/** A number of a drawing that is none. */
const drawnNonsense = / (d|x|y|x1|x2|y1|y2|r|width|height|transform)="[^"]*(NaN|Infinity)/;

/** The figures of a table and what is read of each. */
function expectShown(row: {
  text: Readonly<Record<string, string>>;
  figures: Readonly<Record<string, number>>;
}) {
  for (const [header, figure] of Object.entries(row.figures)) {
    const shown = Number.parseFloat(row.text[header] ?? '');
    if (Number.isNaN(figure)) expect(row.text[header]).toBe('NaN');
    else if (!/memory/i.test(header))
      expect(Math.abs(shown - figure)).toBeLessThanOrEqual(Math.abs(figure) * 0.005);
  }
}

describe.each(Object.entries(variants))('report.html of the content "%s"', (_, content) => {
  it('closes its tags in order and escapes every <', async () => {
    expect(markupFaults(await renderHtmlReport(content))).toEqual([]);
  });

  it('refers to nothing outside, runs nothing and has no identifier twice', async () => {
    const page = await renderHtmlReport(content);
    const parsed = parsePage(page);
    expect(parsed.count('script, link, iframe, object, embed, base, form')).toBe(0);
    for (const name of ['href', 'src', 'xlink:href']) {
      if (name === 'xlink:href') expect(page).not.toContain('xlink:href="');
      else
        for (const target of parsed.attributes(name))
          expect(target).toMatch(/^data:image\/(png|jpeg);base64,/);
    }
    const [style = ''] = parsed.text('style');
    expect(style).not.toMatch(/url\(|@import|</);
    const identifiers = parsed.attributes('id');
    expect(new Set(identifiers).size).toBe(identifiers.length);
    expect(parsed.attributes('content')).toContain(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
  });

  it('says the verdict before anything else', async () => {
    const parsed = parsePage(await renderHtmlReport(content));
    expect(parsed.text('h1, h2, h3, p, table')[0]?.trim()).toMatch(new RegExp(`^${content.verdict.result}`));
    expect(parsed.text('title')[0]).toMatch(new RegExp(`^${content.verdict.result}: `));
    expect(parsed.count('h1')).toBe(1);
  });

  it('gives every table a caption and scopes, and every drawing a name', async () => {
    const parsed = parsePage(await renderHtmlReport(content));
    expect(parsed.count('caption')).toBe(parsed.count('table'));
    expect(parsed.count('th:not([scope])')).toBe(0);
    expect(parsed.count('svg[role=img]')).toBe(parsed.count('svg[role=img] > title'));
    expect(parsed.count('svg:not([role]):not([aria-hidden])')).toBe(0);
  });
});

describe('the tables', () => {
  const { records } = variants.pass;
  const runs = collectRuns(records);

  it("hold every record's figures, and show them rounded", async () => {
    const parsed = parsePage(await renderHtmlReport(variants.pass));
    const images = parsed.table('By image, batch and tensor');
    expect(images.map(({ figures }) => figures)).toEqual(
      recordsOf(runs, 'accuracy.image').map((record) => ({
        Batch: record.batch,
        NMSE: record.nmse,
        'NMSE in %': record.nmse_percent,
        'Relative L2': record.relative_l2,
        Cosine: record.cosine,
        'Largest error': record.max_abs_error,
        'Not finite': 0,
      })),
    );
    const latency = parsed.table('Latency of a batch in milliseconds');
    expect(latency.map(({ figures }) => figures)).toEqual(
      recordsOf(runs, 'performance.batch').map((record) => ({
        Batch: record.batch,
        n: record.n,
        Min: record.min_ms,
        Mean: record.mean_ms,
        Median: record.median_ms,
        ...(record.p90_ms === undefined ? {} : { p90: record.p90_ms }),
        ...(record.p95_ms === undefined ? {} : { p95: record.p95_ms }),
        ...(record.p99_ms === undefined ? {} : { p99: record.p99_ms }),
        Deviation: record.stddev_ms,
        'First half': record.first_half_ms,
        'Second half': record.second_half_ms,
      })),
    );
    const throughput = parsed.table('Throughput, speed-up and phases');
    expect(
      throughput.map(({ figures }) => [figures['Images/s'], figures['Speed-up'], figures['Compute in ms']]),
    ).toEqual(
      recordsOf(runs, 'performance.batch').map((record) => [
        record.images_per_second,
        record.speedup,
        record.compute_ms,
      ]),
    );
    const totals = parsed.table('Over all images and batches');
    expect(
      totals.map(({ figures }) => [
        figures['Mean NMSE'],
        figures['Largest NMSE'],
        figures['Smallest cosine'],
      ]),
    ).toEqual(
      recordsOf(runs, 'accuracy.total').map((record) => [
        record.mean_nmse,
        record.max_nmse,
        record.min_cosine,
      ]),
    );
    const loading = parsed.table('Load time, first inference and peak memory');
    expect(loading.map(({ figures }) => [figures['Load in ms'], figures['Peak memory']])).toEqual(
      recordsOf(runs, 'performance.device').map((record) => [record.load_ms, record.peak_memory_bytes]),
    );
    expect(parsed.table('From file to feature, preprocessing beside the device')).toHaveLength(2);
    expect(
      parsed.table('Milliseconds an image, decoding included, one at a time')[0]?.figures['Median'],
    ).toBe(12.66);
    expect(parsed.table('Repeated runs').map(({ text }) => text['Identical'])).toEqual(['yes', 'yes']);
    for (const row of [...images, ...latency, ...throughput, ...totals, ...loading]) expectShown(row);
  });

  it('name the machine once for two runs on it, and what really executed', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.pass));
    expect(parsed.table('Machine').map(({ text }) => text['Memory'])).toEqual(['1622.7 GB']);
    expect(parsed.table('Machine').map(({ text }) => text['Images'])).toEqual([
      'sharp 0.35.5, libvips 8.18.3',
    ]);
    expect(
      parsed.table('Devices: what really executed').map(({ text }) => [text['Hardware'], text['Details']]),
    ).toEqual([
      ['Kunpeng-920', 'threads: 96, mode: coldStart'],
      ['Ascend 910B4', 'soc: Ascend910B4, gears: [1,4,8,16]'],
    ]);
  });

  it('put failed and missing rules on top', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.fail));
    expect(parsed.table('What must hold, and what was measured').map(({ text }) => text['Status'])).toEqual([
      'FAIL',
      'FAIL',
      'MISSING',
      'MISSING',
      'PASS',
      'PASS',
    ]);
  });

  it('show the worst comparison of an image where there are more than 50', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `image-${index}.jpg`);
    const content = passContent({ images: names });
    const worst = content.records.reduce(
      (largest, record) => (record.record === 'accuracy.image' ? Math.max(largest, record.nmse) : largest),
      0,
    );
    const parsed = parsePage(await renderHtmlReport(content));
    const rows = parsed.table('By image, worst first');
    expect(rows).toHaveLength(50);
    expect(rows[0]?.figures['NMSE']).toBe(worst);
    expect(parsed.text('.note').join()).toContain('Of 60 images the 50 worst');
    expect(parsed.text('.legend').join()).toContain('largest of 60 images');
    expect(parsed.count('.pictures')).toBe(12);
    expect(parsed.text('.note').join()).toContain(
      '12 of 60 images, worst first; results.json has the errors by patch of 60.',
    );
  });

  it('say of how many images there are pictures where only some images were kept', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `image-${index}.jpg`);
    const content = passContent({ images: names });
    for (const kept of [32, 3]) {
      const page = await renderHtmlReport({ ...content, images: content.images.slice(0, kept) });
      expect(parsePage(page).text('.note').join()).toContain(
        `${Math.min(12, kept)} of 60 images, worst first; results.json has the errors by patch of ${kept}.`,
      );
    }
    const { text } = parsePage(await renderHtmlReport(variants.pass));
    expect(text('.note').join()).not.toContain('worst first');
  });

  it('show the worst comparison of an image where few images have many', async () => {
    const content = passContent();
    const records = content.records.flatMap((record): LogRecord[] =>
      record.record === 'accuracy.image' ? new Array<typeof record>(20).fill(record) : [record],
    );
    const parsed = parsePage(await renderHtmlReport({ ...content, records }));
    expect(parsed.table('By image, worst first')).toHaveLength(2);
    expect(parsed.text('.note').join()).toContain(
      'Each image with its worst tensor and batch; results.json has all 320',
    );
  });
});

describe('a failed evaluation', () => {
  it('names the layer from which the device drifts, and marks what is not finite', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.fail));
    expect(parsed.text('strong').join()).toContain('The first layer over the bound 0.01 is layer 17.');
    expect(parsed.text('.chart text')).toContain('first over the bound: 17');
    expect(parsed.text('figcaption').join()).toContain('Crosses at the top: not finite.');
    expect(parsed.text('data.bad')).toContain('NaN');
    expect(parsed.text('figcaption').join()).toContain('4 patches not finite.');
  });

  it('is held to the bound of its layers where they have one of their own', async () => {
    const records = variants.fail.records.flatMap((record): LogRecord[] => {
      if (record.record === 'accuracy.drift') return [];
      return record.record === 'run.plan' && record.kind === 'accuracy'
        ? [{ ...record, max_layer_nmse: 0.002 }]
        : [record];
    });
    const parsed = parsePage(await renderHtmlReport({ ...variants.fail, records }));
    expect(parsed.text('.chart text')).toContain('bound 0.002');
    expect(parsed.text('section > p').join()).toContain('bound 0.01 (1 %), of a layer 0.002;');
  });

  it('says that weights are synthetic, at the top and with the figures', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.fail));
    expect(parsed.text('header .banner')[0]).toContain('random numbers of the true architecture');
    expect(parsed.text('section > p').filter((text) => text.includes('synthetic weights'))).toHaveLength(2);
    expect(parsePage(await renderHtmlReport(variants.pass)).count('.banner')).toBe(0);
  });

  it('marks unstable measurements and lists the errors', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.fail));
    const unstable = parsed
      .table('Latency of a batch in milliseconds')
      .filter(({ text }) => text['Stable'] === 'unstable');
    expect(unstable.map(({ figures }) => figures['Batch'])).toEqual([4, 4]);
    expect(parsed.table('What was asked for and could not be had')[0]?.text['Code']).toBe(
      'ACL_OUT_OF_MEMORY',
    );
  });
});

describe('incomplete records', () => {
  it('give a report that says what is missing', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.incomplete));
    const missing = parsed.text('.gaps li');
    expect(missing).toHaveLength(6);
    expect(missing.join('\n')).toMatch(
      /no performance run.*was interrupted after 9 records.*compared 1 of 2 images.*no comparison by layer.*no repeated runs.*Line 12 of the log is damaged/s,
    );
  });

  it('are said to be none at all', async () => {
    expect(parsePage(await renderHtmlReport(empty)).text('.gaps li')).toEqual([
      'There are no records: nothing was measured.',
    ]);
  });

  it.each(
    passContent()
      .records.map((_, index) => index)
      .filter((index) => index % 7 === 0),
  )('that end after %i records are reported', async (end) => {
    const content = { ...variants.fail, records: variants.fail.records.slice(0, end) };
    const page = await renderHtmlReport(content);
    expect(markupFaults(page)).toEqual([]);
    expect(parsePage(page).count('.gaps')).toBe(1);
  });

  it('without a plan still show their figures', async () => {
    const records = variants.pass.records.filter(({ record }) => record !== 'run.plan');
    const parsed = parsePage(await renderHtmlReport({ ...variants.pass, records }));
    expect(parsed.table('By image, batch and tensor')).toHaveLength(16);
    expect(parsed.text('.gaps li').filter((text) => text.includes('has no plan'))).toHaveLength(2);
  });
});

describe('figures without a logarithm', () => {
  it('are drawn where devices agree in every layer and patch', async () => {
    const content = passContent();
    const records = content.records.map((record) =>
      record.record === 'accuracy.layer' ? { ...record, nmse: 0, nmse_percent: 0 } : record,
    );
    const images = content.images.map((image) => ({ ...image, patchErrors: image.patchErrors.map(() => 0) }));
    const page = await renderHtmlReport({ ...content, records, images });
    const parsed = parsePage(page);
    expect(page).not.toMatch(drawnNonsense);
    expect(parsed.text('figcaption').join()).toContain('All are identical on both devices.');
    expect(parsed.count('.heat-legend')).toBe(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0])(
    'are left out of the charts where times are %d',
    async (value) => {
      const content = passContent();
      const times = { min_ms: value, mean_ms: value, median_ms: value, images_per_second: value };
      const phases = { host_to_device_ms: value, compute_ms: value, device_to_host_ms: value };
      const records = content.records.map((record) =>
        record.record === 'performance.batch' ? { ...record, ...times, ...phases } : record,
      );
      const page = await renderHtmlReport({ ...content, records });
      expect(markupFaults(page)).toEqual([]);
      expect(page).not.toMatch(drawnNonsense);
      expect(parsePage(page).table('Latency of a batch in milliseconds')).toHaveLength(8);
    },
  );
});

describe('two runs of one kind', () => {
  it('are told apart by their headings', async () => {
    const { records } = variants.pass;
    const again = records.map((record) =>
      'run' in record ? { ...record, run: `${record.run}-again` } : record,
    );
    const parsed = parsePage(await renderHtmlReport({ ...variants.fail, records: [...records, ...again] }));
    const headings = parsed.text('h2').filter((text) => text.startsWith('Accuracy, run '));
    expect(new Set(headings).size).toBe(2);
  });
});

describe('text from outside', () => {
  it('stays text wherever it comes from', async () => {
    const parsed = parsePage(await renderHtmlReport(variants.hostile));
    const shown = visibleText(hostile);
    expect(parsed.count('script, img')).toBe(0);
    expect(parsed.text('h1')[0]).toContain(shown);
    expect(parsed.text('pre')[0]).toContain(shown);
    expect(parsed.text('title')[0]).toContain(shown);
    expect(parsed.table('What must hold, and what was measured')[0]?.text).toMatchObject({
      Rule: shown,
      Measured: shown,
      Bound: shown,
      Note: shown,
    });
    expect(parsed.table('What was asked for and could not be had')[0]?.text['Message']).toBe(
      `${shown}\nsecond line`,
    );
  });
});

it('frames the worst patch in both pictures', async () => {
  const image = imageDifference(0, 'one.jpg');
  const patchErrors = image.patchErrors.map((error, patch) => (patch === 5 * 16 + 11 ? 1 : error));
  const parsed = parsePage(await renderHtmlReport({ ...variants.pass, images: [{ ...image, patchErrors }] }));
  expect(parsed.text('.image figcaption')[0]).toContain('Worst: row 5, column 11 with 1.00;');
  expect(parsed.count('.frame[x="110"][y="50"]')).toBe(2);
});
