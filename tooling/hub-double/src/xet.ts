import { createHash } from 'node:crypto';

/** Stands for the hash that Xet storage gives a file: 64 hexadecimal digits that are not its SHA-256. */
export function xetHash(sha256: string): string {
  return createHash('sha256').update(`xet ${sha256}`).digest('hex');
}

export function xetHeaders(
  origin: string,
  id: string,
  commit: string,
  hash: string,
): Readonly<Record<string, string>> {
  const token = `<${origin}/api/models/${id}/xet-read-token/${commit}>; rel="xet-auth"`;
  const plan = `<${origin}/xet/v1/reconstructions/${hash}>; rel="xet-reconstruction-info"`;
  return { 'X-Xet-Hash': hash, Link: `${token}, ${plan}` };
}
