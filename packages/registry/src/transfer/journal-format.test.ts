import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteRanges } from './byte-ranges.js';
import { formatJournal, formatSynced, formatWritten, type Journal, parseJournal } from './journal-format.js';

const header = { digest: 'd', bytes: 100, boot: 'b' };
const headerText = formatJournal({ ...header, written: new ByteRanges(), synced: new ByteRanges() });

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 100 })), { maxLength: 6 })
  .map((pairs) => new ByteRanges(pairs.map(([start, length]) => ({ start, end: start + length }))));
const journals = fc
  .record({
    digest: fc.string(),
    bytes: fc.option(fc.nat(), { nil: undefined }),
    boot: fc.string(),
    synced: ranges,
    more: ranges,
  })
  .map(
    ({ more, ...journal }): Journal => ({
      ...journal,
      written: new ByteRanges([...journal.synced.spans, ...more.spans]),
    }),
  );

function plain(journal: Journal | undefined) {
  if (journal === undefined) return undefined;
  return { ...journal, written: journal.written.spans, synced: journal.synced.spans };
}

describe('parseJournal', () => {
  it('gives back what was formatted', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        expect(plain(parseJournal(formatJournal(journal)))).toEqual(plain(journal));
      }),
    );
  });

  it('adds up what is appended', () => {
    const text =
      headerText +
      formatWritten({ start: 0, end: 10 }) +
      formatWritten({ start: 50, end: 60 }) +
      formatSynced([{ start: 0, end: 10 }]) +
      formatWritten({ start: 10, end: 20 });
    expect(plain(parseJournal(text))).toEqual({
      ...header,
      written: [
        { start: 0, end: 20 },
        { start: 50, end: 60 },
      ],
      synced: [{ start: 0, end: 10 }],
    });
  });

  it('passes over a torn line, and over what was appended to it', () => {
    const torn = formatWritten({ start: 0, end: 10 }).slice(0, -4);
    for (const text of [headerText + torn, `${headerText}${torn}${formatWritten({ start: 20, end: 30 })}`]) {
      expect(parseJournal(text)?.written.total).toBe(0);
    }
    const after = `${headerText}${torn}\n${formatWritten({ start: 20, end: 30 })}`;
    expect(parseJournal(after)?.written.spans).toEqual([{ start: 20, end: 30 }]);
  });

  it('knows at every cut no more than what was written before it', () => {
    fc.assert(
      fc.property(journals, fc.nat(), (journal, place) => {
        const text = formatJournal(journal);
        const cut = parseJournal(text.slice(0, place % (text.length + 1)));
        const spans = [...(cut?.written.spans ?? []), ...(cut?.synced.spans ?? [])];
        const all = new ByteRanges([...journal.written.spans, ...spans]);
        expect(all.total).toBe(journal.written.total);
      }),
    );
  });

  it('survives any text', () => {
    const fragment = fc.oneof(
      fc.string(),
      fc.constantFrom('\n', '{', '}', '{"start":0', ',"end":-5}', '{"synced":[[5,1]]}\n', '\0\0', '1e999'),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.array(fragment), fc.boolean(), (fragments, isHeaded) => {
        const journal = parseJournal((isHeaded ? headerText : '') + fragments.join(''));
        for (const { start, end } of [...(journal?.written.spans ?? []), ...(journal?.synced.spans ?? [])]) {
          expect(Number.isSafeInteger(start) && Number.isSafeInteger(end)).toBe(true);
          expect(start >= 0 && start < end).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['an empty text', ''],
    ['another format', '{"format":2,"digest":"d","bytes":1,"boot":"b"}\n'],
    ['a record first', formatWritten({ start: 0, end: 1 })],
    ['a negative length', '{"format":1,"digest":"d","bytes":-1,"boot":"b"}\n'],
  ])('does not take %s for a journal', (_, text) => {
    expect(parseJournal(text)).toBeUndefined();
  });
});
