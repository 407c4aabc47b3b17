/** A Windows bitmap of vertical stripes: colours `[red, green, blue]` with the width of each. */
export function stripes(
  height: number,
  parts: readonly { readonly width: number; readonly colour: readonly [number, number, number] }[],
): Buffer {
  const row = Buffer.concat(
    parts.map(({ width, colour: [red, green, blue] }) =>
      Buffer.from(Array.from({ length: width }, () => [blue, green, red]).flat()),
    ),
  );
  const padded = Buffer.concat([row, Buffer.alloc((4 - (row.length % 4)) % 4)]);
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + padded.length * height, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(row.length / 3, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, ...Array.from({ length: height }, () => padded)]);
}
