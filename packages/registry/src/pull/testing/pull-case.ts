import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import {
  type HubDouble,
  type HubDoubleFile,
  type HubDoubleOptions,
  startHubDouble,
} from '@webssl-tooling/hub-double';
import { onTestFinished, vi } from 'vitest';
import { findCatalogueEntry } from '../../catalogue.js';
import type { LocatedModel } from '../../locate-model.js';
import type { RetryPolicy } from '../../transfer/retry.js';
import type { PullEvent } from '../pull-event.js';
import { pullModel } from '../pull-model.js';
import type { PullOptions } from '../pull-options.js';

/** A model of the catalogue, and the commit that the catalogue pins. */
export const catalogueId = 'facebook/webssl-mae700m-full2b-224';
export const pinned = findCatalogueEntry(catalogueId)?.revision ?? '';

/** Any other model. */
export const id = 'some-org/some-model';

/** Persistent, without long waits. */
const hasty: RetryPolicy = {
  attempts: 10,
  firstDelayMilliseconds: 1,
  longestDelayMilliseconds: 2,
  longestRetryAfterMilliseconds: 5000,
};

/** Gives up at the first failure. */
export const oneTry: RetryPolicy = { ...hasty, attempts: 1 };

type Files = Readonly<Record<string, HubDoubleFile>>;

/** The files of a tiny checkpoint. */
export function checkpointFiles(name = 'vit-tiny-p14'): Files {
  const folder = goldenCheckpoint(name);
  return Object.fromEntries(readdirSync(folder).map((file) => [file, { file: join(folder, file) }]));
}

/** Files that a pull takes for a model: weights of any length, with nothing behind them. */
export function modelOf(bytes: number, seed = 1): Files {
  return { 'config.json': '{}', 'preprocessor_config.json': '[]', 'model.safetensors': { bytes, seed } };
}

/** The options of a hub with one model at `main`. */
export function hubOf(files: Files, options: Partial<HubDoubleOptions> = {}): HubDoubleOptions {
  return { repositories: [{ id, commits: [{ files }] }], ...options };
}

/** A folder that is removed when the test ends. */
export async function freshFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'webssl-pull-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A hub that is closed when the test ends. */
export async function openHub(options: HubDoubleOptions): Promise<HubDouble> {
  const hub = await startHubDouble(options);
  onTestFinished(() => hub.close());
  return hub;
}

/** A hub, an empty cache, and what was told while models were pulled. Nothing of the user's is read or written. */
export class PullCase {
  readonly hub: HubDouble;
  /** The Hugging Face cache. */
  readonly cache: string;
  events: PullEvent[] = [];

  constructor(hub: HubDouble, cache: string) {
    this.hub = hub;
    this.cache = cache;
  }

  /** What every call is to have. */
  options(more: PullOptions = {}): PullOptions {
    return {
      endpoint: this.hub.endpoint,
      hubCacheFolder: this.cache,
      token: false,
      offline: false,
      retry: hasty,
      onPull: (event) => this.events.push(event),
      ...more,
    };
  }

  pull(reference = id, more: PullOptions = {}): Promise<LocatedModel> {
    return pullModel(reference, this.options(more));
  }

  /** The events of one kind. */
  told<Kind extends PullEvent['kind']>(kind: Kind): readonly Extract<PullEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<PullEvent, { kind: Kind }> => event.kind === kind);
  }

  /** Paths inside the repository that were asked for since the log was last cleared, each once. */
  requestedFiles(): readonly string[] {
    const paths = this.hub.requests.map(({ path }) => /\/resolve\/[^/]+\/([^?]+)/.exec(path)?.[1]);
    return [...new Set(paths)].filter((path) => path !== undefined).sort();
  }

  /** Everything in the cache, by path; nothing where there is none. */
  async tree(): Promise<readonly string[]> {
    return (await readdir(this.cache, { recursive: true }).catch(() => [])).sort();
  }

  /** What a reader of the cache sees of the model: the files of its snapshots. */
  async visible(of = id): Promise<readonly string[]> {
    const folder = join(this.repository(of), 'snapshots');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  }

  repository(of = id): string {
    return join(this.cache, `models--${of.replace('/', '--')}`);
  }

  /** The blob of a file as the hub describes it, whether it is there or not. */
  async blob(path: string, of = id): Promise<string> {
    return join(this.repository(of), 'blobs', (await this.hub.describe(of, path)).etag);
  }

  /** A cache that another endpoint fills as well. */
  at(hub: HubDouble): PullCase {
    return new PullCase(hub, this.cache);
  }
}

/** A hub and an empty cache for this test. */
export async function openCase(options: HubDoubleOptions): Promise<PullCase> {
  const folder = await freshFolder();
  isolate(folder);
  return new PullCase(await openHub(options), join(folder, 'hub'));
}

/** Keeps the settings and caches of whoever runs the tests out of them. */
function isolate(folder: string): void {
  const names = Object.keys(process.env).filter((name) => /^(HF_|HUGGING|TRANSFORMERS_)|_proxy$/i.test(name));
  for (const name of names) vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

/** Whether a file holds these bytes. */
export async function isSame(file: string, expected: Uint8Array): Promise<boolean> {
  return Buffer.compare(await readFile(file), expected) === 0;
}
