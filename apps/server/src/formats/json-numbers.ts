/** Numbers that are written before other work of the process gets a turn; a slice takes less than a millisecond. */
const sliceLength = 4096;

/**
 * A list of float32 numbers in JSON, in pieces. Every number is written so that it reads back as the same float32.
 *
 * @param data finite numbers
 */
export function* jsonNumbers(data: Float32Array): Generator<string, void, undefined> {
  yield '[';
  for (let from = 0; from < data.length; from += sliceLength) {
    const slice = textOf(data.subarray(from, from + sliceLength));
    yield from === 0 ? slice : `,${slice}`;
  }
  yield ']';
}

/** JavaScript writes zero without its sign. */
function textOf(slice: Float32Array): string {
  if (!slice.includes(0)) return slice.join(',');
  return Array.from(slice, (value) => (Object.is(value, -0) ? '-0' : value)).join(',');
}
