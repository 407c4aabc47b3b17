import { WebsslError } from '@webssl/backend';
import { z } from 'zod';
import { isSafeRelativePath } from '../cache/relative-path.js';
import { headerOf } from './answer-headers.js';
import { hashOf } from './entity-tag.js';
import { apiAddress } from './hub-address.js';
import { hubError } from './hub-error.js';
import type { HubFile } from './hub-file.js';
import { nextPage } from './link-header.js';
import type { MetadataRequest, MetadataRequests } from './metadata-requests.js';
import { readContent } from './read-content.js';

/** What the hub's API tells about a revision. */
export interface RevisionFacts {
  readonly commit: string;
  readonly license: string | undefined;
}

/** Real pages have 1000 files, 300 bytes each. */
const mostPageBytes = 16 * 1024 * 1024;
const mostEntries = 100_000;
const mostPages = 1000;
const longestPath = 4096;

/** Files that a run may need: the two configurations, weights and their index. */
const fileOfRun = /^(?:config\.json|preprocessor_config\.json|[^/]+\.safetensors(?:\.index\.json)?)$/;

const bytesSchema = z.int().nonnegative();

const licenseSchema = z.union([z.string(), z.array(z.string())]).nullish();

const revisionSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z
    .object({ license: licenseSchema.catch(undefined), license_name: z.string().nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});

const entriesSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: bytesSchema.nullish(),
    oid: z.string().nullish(),
    lfs: z.object({ oid: z.string(), size: bytesSchema }).nullish(),
  }),
);

type Entry = z.infer<typeof entriesSchema>[number];

/**
 * Asks which commit a revision is and which licence its model card names.
 * @returns undefined where the endpoint has no API
 * @throws WebsslError `HUB_RESPONSE_INVALID`, `HUB_REPOSITORY_NOT_FOUND`, `HUB_REVISION_NOT_FOUND`, `HUB_ACCESS_DENIED`
 */
export async function askRevision(
  metadata: MetadataRequests,
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<RevisionFacts | undefined> {
  const url = apiAddress(metadata.endpoint, id, 'revision', revision);
  const page = await askPage(metadata, { method: 'GET', url, subject: { id, revision }, signal });
  if (page === undefined) return undefined;
  const { sha, cardData } = parse(revisionSchema, page);
  const license = cardData?.license;
  const identifier = printable(Array.isArray(license) ? license.join(', ') : license);
  // Licences without an identifier of their own are `other`, and the card gives their name beside it.
  const name = printable(cardData?.license_name);
  return { commit: sha, license: identifier === 'other' ? (name ?? identifier) : identifier };
}

/** What a model card says, where it is fit for a terminal. */
function printable(text: string | null | undefined): string | undefined {
  return typeof text === 'string' && /^[\x20-\x7e]{1,200}$/.test(text) ? text : undefined;
}

/**
 * The files of a commit, page by page. Left out: folders, and paths that could leave a folder or that some platform cannot
 * hold (see `isSafeRelativePath`); no model has such a file. Files without a usable hash are left out too, unless a run
 * needs them: then the listing is refused.
 *
 * @returns undefined where the endpoint has no API
 * @throws WebsslError `HUB_RESPONSE_INVALID` and as {@link askRevision}
 */
export async function listFiles(
  metadata: MetadataRequests,
  id: string,
  commit: string,
  signal: AbortSignal | undefined,
): Promise<readonly HubFile[] | undefined> {
  const entries: Entry[] = [];
  let url: URL | undefined = apiAddress(metadata.endpoint, id, 'tree', commit);
  url.search = '?recursive=true&expand=false';
  for (let pages = 1; url !== undefined; pages++) {
    const page: ApiPage | undefined = await askPage(metadata, {
      method: 'GET',
      url,
      subject: { id, revision: commit },
      signal,
    });
    if (page === undefined) {
      if (pages === 1) return undefined;
      throw hubError(
        'HUB_RESPONSE_INVALID',
        `${url.host} has page ${pages - 1} of the files of ${id}, but not the next one.`,
      );
    }
    entries.push(...parse(entriesSchema, page));
    url = page.next;
    if (entries.length > mostEntries || (pages === mostPages && url !== undefined)) {
      throw hubError(
        'HUB_RESPONSE_INVALID',
        `${id} lists more than ${mostEntries} files or ${mostPages} pages of them: not a model.`,
      );
    }
    if (url !== undefined) await metadata.requests.checkTarget(url);
  }
  return entries
    .filter(({ type, path }) => type === 'file' && path.length <= longestPath && isSafeRelativePath(path))
    .flatMap((entry) => toFile(entry, id) ?? []);
}

interface ApiPage {
  readonly url: URL;
  readonly content: unknown;
  readonly next: URL | undefined;
}

async function askPage(metadata: MetadataRequests, request: MetadataRequest): Promise<ApiPage | undefined> {
  try {
    return await metadata.ask(request, async (answer) => {
      const content = parseJson(await readContent(answer, mostPageBytes));
      if (content === undefined) return undefined;
      const next = nextPage(headerOf(answer.headers, 'link'));
      return {
        url: answer.url,
        content,
        next:
          next !== undefined && URL.canParse(next, answer.url.href) ? new URL(next, answer.url) : undefined,
      };
    });
  } catch (error) {
    if (isWithoutApi(error)) return undefined;
    throw error;
  }
}

/** Whether the path or the method is unknown, as opposed to the repository: about that a hub's API says its code. */
function isWithoutApi(error: unknown): boolean {
  if (!WebsslError.isInstance(error) || error.details['errorCode'] !== undefined) return false;
  const status = error.details['status'];
  return status === 404 || status === 405 || status === 501;
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, { url, content }: ApiPage): z.infer<Schema> {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw hubError(
    'HUB_RESPONSE_INVALID',
    `${url.origin}${url.pathname} answered something else than the hub's API does: ${z.prettifyError(result.error).slice(0, 500)}`,
  );
}

/** Undefined for a file that cannot be verified and that no run needs. */
function toFile({ path, size, oid, lfs }: Entry, id: string): HubFile | undefined {
  const hash = hashOf(lfs?.oid ?? oid ?? '');
  if (hash !== undefined && !(lfs && hash.algorithm !== 'sha256')) {
    return { path, bytes: lfs?.size ?? size ?? undefined, hash };
  }
  if (!fileOfRun.test(path)) return undefined;
  throw hubError(
    'HUB_RESPONSE_INVALID',
    `${id}: the hub gives no usable hash of ${path}, so it cannot be verified.`,
    { details: { id, path } },
  );
}
