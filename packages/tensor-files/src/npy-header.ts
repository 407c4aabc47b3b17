/** The first bytes of every npy file. */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Length of the headers that are written: room for any shape of up to 5 dimensions and growing rows, a multiple of 64. */
export const npyHeaderBytes = 192;

/** The longest header that is read, as NumPy's own `max_header_size`. */
const longestHeader = 10_000;

/** Where the data of an npy file begins, and its shape. */
export interface NpyHeader {
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/** The header (format version 1.0) of little-endian float32 numbers in C order; always `npyHeaderBytes` long. */
export function encodeNpyHeader(shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = new Uint8Array(npyHeaderBytes).fill(0x20);
  header.set(magic);
  header.set([1, 0], magic.length);
  new DataView(header.buffer).setUint16(8, npyHeaderBytes - 10, true);
  header.set(new TextEncoder().encode(text), 10);
  header[npyHeaderBytes - 1] = 0x0a;
  return header;
}

/**
 * Reads the header at the beginning of `bytes`, which hold at least the first {@link npyHeaderProbe} bytes or the whole file.
 * Format: numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws Error with the problem, for the caller to name the file.
 */
export function decodeNpyHeader(bytes: Uint8Array): NpyHeader {
  if (!magic.every((byte, position) => bytes[position] === byte))
    throw new Error('it does not begin as npy files do');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, minor] = [bytes[6], bytes[7]];
  if (minor !== 0 || (major !== 1 && major !== 2 && major !== 3)) {
    throw new Error(`its format version is ${major}.${minor}; 1.0, 2.0 and 3.0 are known`);
  }
  const textOffset = major === 1 ? 10 : 12;
  if (bytes.length < textOffset) throw new Error('it ends within its header');
  const textLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (textLength > longestHeader) {
    throw new Error(`its header has ${textLength} bytes, more than the limit of ${longestHeader}`);
  }
  const text = bytes.subarray(textOffset, textOffset + textLength);
  if (text.length < textLength) throw new Error('it ends within its header');
  const decoder = major === 3 ? new TextDecoder('utf-8', { fatal: true }) : new TextDecoder('latin1');
  return { shape: parseDictionary(decoder.decode(text)), dataOffset: textOffset + textLength };
}

/** How many bytes from the start of a file surely hold a header that is accepted. */
export const npyHeaderProbe = 12 + longestHeader;

const memberPattern =
  /^\s*(['"])(descr|fortran_order|shape)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\s,]*\))\s*(,|$)/;

/** Reads the Python dictionary of a header: exactly the three known keys, each once, in any order. */
function parseDictionary(text: string): number[] {
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw new Error('its header is no dictionary');
  const members = new Map<string, string>();
  let rest = body;
  while (rest.trim() !== '') {
    const [whole, , key, value] = memberPattern.exec(rest) ?? [];
    if (whole === undefined || key === undefined || value === undefined || members.has(key)) {
      throw new Error(`its header is not understood: ${JSON.stringify(rest.slice(0, 80))}`);
    }
    members.set(key, value);
    rest = rest.slice(whole.length);
  }
  const type = members.get('descr')?.slice(1, -1);
  if (type !== '<f4')
    throw new Error(`its numbers are ${type ?? 'of no stated type'}; only '<f4' (float32) is read`);
  if (members.get('fortran_order') !== 'False') throw new Error('it is not in C order');
  return parseShape(members.get('shape'));
}

/** A tuple of Python: `()`, `(3,)`, `(3, 4)`, `(3, 4,)`; `(3)` is none. */
function parseShape(tuple = '(none)'): number[] {
  const items = tuple
    .slice(1, -1)
    .split(',')
    .map((item) => item.trim());
  const isTuple = items.length > 1 || items[0] === '';
  if (items.at(-1) === '') items.pop();
  if (!isTuple || !items.every((item) => /^\d+$/.test(item))) {
    throw new Error(`its shape is not understood: ${tuple}`);
  }
  const shape = items.map(Number);
  if (!shape.every(Number.isSafeInteger)) throw new Error(`its shape ${tuple} cannot be counted`);
  return shape;
}
