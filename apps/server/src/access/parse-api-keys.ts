import { WebsslError } from '@webssl/backend';
import { type ApiKey, imagesPerMinuteFrom, isKeyName, nameRule, rateRule } from './api-key.js';

/** A line of the keys file. */
export interface ApiKeyEntry {
  readonly key: ApiKey;
  /** SHA-256, 32 bytes. */
  readonly digest: Buffer;
}

/**
 * Reads the text of a keys file: a key a line, `<name> sha256:<64 hex digits> [images-per-minute=<n>]`. A `#` at the beginning
 * of a line or after a space begins a comment.
 *
 * Messages name lines and never repeat what stands in them: it may be a key.
 *
 * @param path for messages
 * @throws WebsslError `API_KEYS_FILE_INVALID`, with `details.line` where it is about one
 */
export function parseApiKeys(text: string, path: string): readonly ApiKeyEntry[] {
  const entries: ApiKeyEntry[] = [];
  const lineOfName = new Map<string, number>();
  const lineOfHash = new Map<string, number>();
  for (const [index, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const fields = fieldsOf(content);
    if (fields.length === 0) continue;
    const line = index + 1;
    const entry = entryOf(fields);
    if (typeof entry === 'string') throw invalidLine(path, line, entry);
    const { name } = entry.key;
    const hash = entry.digest.toString('hex');
    const sameName = lineOfName.get(name);
    if (sameName !== undefined) throw invalidLine(path, line, `its name is that of line ${sameName}`);
    const sameHash = lineOfHash.get(hash);
    if (sameHash !== undefined) throw invalidLine(path, line, `its hash is that of line ${sameHash}`);
    lineOfName.set(name, line);
    lineOfHash.set(hash, line);
    entries.push(entry);
  }
  if (entries.length > 0) return entries;
  throw new WebsslError({
    code: 'API_KEYS_FILE_INVALID',
    message: `The API keys file ${path} has no keys, so nobody could use the server. Add one, or do without the file.`,
    details: { path },
  });
}

function fieldsOf(line: string): string[] {
  const withoutComment = line.replace(/(^|[ \t])#.*$/s, '');
  return withoutComment.split(/[ \t]+/).filter((field) => field !== '');
}

/** An entry, or what is wrong with it. */
function entryOf([name = '', hash, ...options]: readonly string[]): ApiKeyEntry | string {
  if (!isKeyName(name)) return `its name has to be ${nameRule}`;
  if (hash === undefined)
    return 'there is nothing after the name; "sha256:" and the hash of the key belong there';
  const [, hex] = /^sha256:([0-9A-Fa-f]{64})$/.exec(hash) ?? [];
  if (hex === undefined)
    return 'the name has to be followed by "sha256:" and 64 hexadecimal digits. If a key stands there, replace it with its hash';
  const digest = Buffer.from(hex, 'hex');
  const [option, ...more] = options;
  if (option === undefined) return { key: { name }, digest };
  const [, rate] = /^images-per-minute=(.*)$/s.exec(option) ?? [];
  if (rate === undefined || more.length > 0)
    return 'the hash may be followed by one "images-per-minute=<n>" and by nothing else';
  const imagesPerMinute = imagesPerMinuteFrom(rate);
  if (imagesPerMinute === undefined) return `its images-per-minute have to be ${rateRule}`;
  return { key: { name, imagesPerMinute }, digest };
}

function invalidLine(path: string, line: number, problem: string): WebsslError {
  return new WebsslError({
    code: 'API_KEYS_FILE_INVALID',
    message: `Line ${line} of the API keys file ${path} cannot be used: ${problem}.`,
    details: { path, line },
  });
}
