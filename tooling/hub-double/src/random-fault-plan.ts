import type { Fault, FaultRule } from './fault.js';
import { randomNumbers } from './random-numbers.js';

export interface RandomFaultPlanOptions {
  /** Length of the large file that is fetched: places of faults are chosen inside it. */
  readonly fileBytes: number;
  /** How many rules. */
  readonly count: number;
  /** Part of the large file's name, which the query of its CDN address bears. Default: every file of the CDN host. */
  readonly path?: string;
}

/**
 * Faults that a client which retries, resumes and verifies must survive, the same for the same seed on every machine.
 * Every rule strikes once. Kinds: disconnect, drop, stall, delay (up to 200 ms), status (408, 429 and 503 with
 * `Retry-After: 0` or `1`, 500, 502, 504), truncate in both framings, withoutHeaders, chunked, ignoreRange, refuseRange,
 * expiredUrl, slow (at a fifth of the file a second or faster).
 * At most one rule alters bytes: clients fetch a file that fails its check once more, and not for ever.
 *
 * What damages bodies strikes the CDN host only, where a hash tells; a damaged listing is not recoverable. Left out:
 * gzip, which the real CDN host does not do, and redirect, whose target is the test's to choose.
 */
export function randomFaultPlan(seed: number, options: RandomFaultPlanOptions): FaultRule[] {
  const next = randomNumbers(seed);
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  const rules: FaultRule[] = [];
  while (rules.length < options.count) {
    const rule = randomRule(below, options);
    const isSecondAlteration =
      rule.fault.kind === 'alter' && rules.some(({ fault }) => fault.kind === 'alter');
    if (!isSecondAlteration) rules.push(rule);
  }
  return rules;
}

function randomRule(below: (limit: number) => number, options: RandomFaultPlanOptions): FaultRule {
  const { fileBytes, path } = options;
  const skip = below(3);
  const onFile = { on: 'cdn', ...(path === undefined ? {} : { path }), skip } as const;
  const somewhere = { on: below(2) === 0 ? 'hub' : 'cdn', skip } as const;
  // Half of the places are early: parts of a file that is fetched in parallel are shorter than the file.
  const place = () => below(below(2) === 0 ? fileBytes : Math.ceil(fileBytes / 16));
  const makers: readonly (() => FaultRule)[] = [
    () => ({ ...somewhere, fault: { kind: 'disconnect' } }),
    () => ({ ...onFile, fault: { kind: 'drop', afterBytes: place() } }),
    () => ({ ...onFile, fault: { kind: 'stall', afterBytes: place() } }),
    () => ({ ...somewhere, fault: { kind: 'delay', milliseconds: below(200) } }),
    () => ({ ...somewhere, fault: randomStatus(below) }),
    () => ({
      ...onFile,
      fault: {
        kind: 'truncate',
        bytes: 1 + place(),
        framing: below(2) === 0 ? 'chunked' : 'content-length',
      },
    }),
    () => ({ ...onFile, fault: { kind: 'alter', offset: place(), mask: 1 << below(8) } }),
    () => ({ ...somewhere, fault: { kind: 'withoutHeaders', names: [pick(below, removableHeaders)] } }),
    () => ({ ...onFile, fault: { kind: 'chunked' } }),
    () => ({ ...onFile, fault: { kind: 'ignoreRange' } }),
    () => ({ ...onFile, fault: { kind: 'refuseRange' } }),
    () => ({ ...onFile, fault: { kind: 'expiredUrl' } }),
    () => ({
      ...onFile,
      fault: { kind: 'slow', bytesPerSecond: Math.ceil(fileBytes / 5) + below(fileBytes) },
    }),
  ];
  return pick(below, makers)();
}

const removableHeaders = [
  'Accept-Ranges',
  'Content-Length',
  'ETag',
  'X-Linked-Etag',
  'X-Linked-Size',
  'X-Repo-Commit',
] as const;

function randomStatus(below: (limit: number) => number): Fault {
  const status = pick(below, [408, 429, 500, 502, 503, 504]);
  return status === 429 || status === 503
    ? { kind: 'status', status, headers: { 'Retry-After': String(below(2)) } }
    : { kind: 'status', status };
}

function pick<T>(below: (limit: number) => number, choices: readonly T[]): T {
  const chosen = choices[below(choices.length)];
  if (chosen === undefined) throw new Error('There is nothing to choose from');
  return chosen;
}
