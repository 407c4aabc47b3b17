import { describe, expect, it } from 'vitest';
import { AnswerBook, notRight } from './answer-book.js';

const first = Float32Array.of(1, 0, 3);
const second = Float32Array.of(4, 5, 6);

describe('AnswerBook', () => {
  it('sends every image in turn', () => {
    const book = new AnswerBook([first, second]);
    expect([book.ask(), book.ask(), book.ask()]).toEqual([0, 1, 0]);
  });

  it('tells the right answer from that of another image and from that of none', () => {
    const book = new AnswerBook([first, second]);
    for (let count = 0; count < 4; count++) book.ask();
    book.answered(0, Float32Array.of(1, 0, 3));
    book.answered(1, Float32Array.of(1, 0, 3));
    book.answered(0, Float32Array.of(1, 0, 3.0000002));
    // Another bit of sign, though JavaScript calls them equal.
    book.answered(0, Float32Array.of(1, -0, 3));
    expect(book.counts).toMatchObject({ asked: 4, right: 1, mixedUp: 1, wrong: 2, lost: 0 });
    expect(notRight(book.counts)).toBe(3);
  });

  it('counts as lost what was never answered', () => {
    const book = new AnswerBook([first]);
    for (let count = 0; count < 3; count++) book.ask();
    book.answered(0, first);
    book.refused('2');
    expect(book.counts).toMatchObject({ asked: 3, right: 1, refused: 1, lost: 1 });
    expect(notRight(book.counts)).toBe(1);
  });

  it.each([undefined, '0', '-1', 'soon', '1.5'])('takes no refusal with Retry-After: %s', (retryAfter) => {
    const book = new AnswerBook([first]);
    book.ask();
    book.refused(retryAfter);
    expect(book.counts).toMatchObject({ refused: 0, failed: 1 });
    expect(book.problems).toEqual([`429 with Retry-After: ${retryAfter}`]);
  });
});
