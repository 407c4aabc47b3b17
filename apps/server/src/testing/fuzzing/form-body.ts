import { oddText } from './odd-values.js';
import type { Random } from './random.js';
import type { Fidelity } from './schema-values.js';

export interface FormBody {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** A multipart body with images; where it is not to be valid, with what goes wrong in such bodies. */
export function formBody(
  images: readonly Uint8Array[],
  fields: ReadonlyMap<string, string>,
  fidelity: Fidelity,
  random: Random,
): FormBody {
  const boundary =
    fidelity === 'valid' ? 'boundary' : random.pick(['boundary', 'b', 'x'.repeat(70), "a'()+_,-./:=?"]);
  const parts: Buffer[] = [];
  const add = (head: string, content: Uint8Array | string) => {
    parts.push(Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n'));
  };
  for (const image of images) {
    const name = fidelity === 'valid' ? 'a.jpg' : oddText(random, 300).replaceAll(/["\r\n]/g, '_');
    add(`content-disposition: form-data; name="file"; filename="${name}"`, image);
  }
  for (const [name, value] of fields) add(`content-disposition: form-data; name="${name}"`, value);
  if (fidelity !== 'valid') {
    if (random.chance(0.3)) add('content-disposition: form-data', 'nameless');
    if (random.chance(0.2)) add('content-type: image/png', 'no disposition');
    if (random.chance(0.2)) add('', '');
    if (random.chance(0.2))
      add(`content-disposition: form-data; name="${'n'.repeat(500)}"`, 'v'.repeat(6000));
    if (random.chance(0.1))
      for (let field = 0; field < 30; field++) add('content-disposition: form-data; name="f"', '1');
    if (random.chance(0.1)) add(`x-long: ${'y'.repeat(20_000)}`, '');
  }
  const whole = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
  if (fidelity !== 'broken')
    return { contentType: `multipart/form-data; boundary="${boundary}"`, bytes: whole };
  return {
    contentType: random.pick([
      `multipart/form-data; boundary="${boundary}"`,
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=other',
      `multipart/form-data; boundary=${'z'.repeat(500)}`,
      'multipart/mixed; boundary=boundary',
      'multipart/form-data; boundary="unclosed',
    ]),
    bytes: random.chance(0.5) ? whole.subarray(0, random.below(whole.length)) : whole,
  };
}
