import { weightBits } from '@webssl/backend-cpu';

/** Why the bounds on the time of int8 do not apply to this processor; undefined where they do. */
export function lacksVnni(bits: 7 | 8 = weightBits()): { readonly missing: string } | undefined {
  return bits === 8 ? undefined : { missing: 'applies to processors with VNNI, which this one lacks' };
}
