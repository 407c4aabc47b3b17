import { WebsslError } from '@webssl/backend';

/** Forms in which features are answered, with their media types; the first of each is the one that the answer names. */
export const formats = {
  json: ['application/json'],
  ndjson: ['application/x-ndjson', 'application/jsonl'],
  npy: ['application/x-npy', 'application/npy'],
  safetensors: ['application/vnd.safetensors', 'application/safetensors', 'application/x-safetensors'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>;

export type FeatureFormat = keyof typeof formats;

const names = Object.keys(formats) as readonly FeatureFormat[];

/** One entry of an `Accept` header. */
interface Preference {
  readonly type: string;
  /** From 0, which refuses, to 1. */
  readonly quality: number;
}

/**
 * The form that a client prefers, by its `Accept` (RFC 9110, 12.5.1). Without one, and where it takes anything: JSON.
 *
 * @throws WebsslError `NOT_ACCEPTABLE`
 */
export function negotiateFormat(accept: string | undefined): FeatureFormat {
  const preferences = (accept ?? '').split(',').map(parsePreference);
  if (preferences.every(({ type }) => type === '')) return 'json';
  const best = names
    .map((name) => ({ name, ...qualityOf(name, preferences) }))
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality || one.position - other.position)[0];
  if (best !== undefined) return best.name;
  throw new WebsslError({
    code: 'NOT_ACCEPTABLE',
    message: `Features are answered as ${names.map((name) => formats[name][0]).join(', ')}. The request accepts none of them.`,
  });
}

/** The entry that names a form most exactly decides; of forms that are liked as well the one that is named first is taken. */
function qualityOf(name: FeatureFormat, preferences: readonly Preference[]) {
  const types: readonly string[] = formats[name];
  for (const wanted of [types, ['application/*'], ['*/*']]) {
    const position = preferences.findIndex(({ type }) => wanted.includes(type));
    const found = preferences[position];
    if (found !== undefined) return { quality: found.quality, position };
  }
  return { quality: 0, position: 0 };
}

function parsePreference(text: string): Preference {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  return { type, quality: /^(0(\.\d*)?|1(\.0*)?)$/.test(weight) ? Number(weight) : 0 };
}
