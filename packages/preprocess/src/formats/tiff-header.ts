const photometricTag = 262;
const shortType = 3;

/**
 * Whether a TIFF says that 0 is white (tag PhotometricInterpretation, TIFF 6.0). False where the header cannot be
 * followed: the decoder itself says what is wrong with it.
 */
export function whiteIsZero(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  try {
    const big = view.getUint16(2, little) === 43;
    const [countBytes, entryBytes, valueAt] = big ? [8, 20, 12] : [2, 12, 8];
    const directory = big ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
    const count = big ? Number(view.getBigUint64(directory, little)) : view.getUint16(directory, little);
    for (let index = 0; index < count; index += 1) {
      const entry = directory + countBytes + index * entryBytes;
      if (view.getUint16(entry, little) !== photometricTag) continue;
      return view.getUint16(entry + 2, little) === shortType && view.getUint16(entry + valueAt, little) === 0;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}
