import { WebsslError } from '@webssl/backend';
import { isCommit } from '../cache/cache-paths.js';
import { TransferProblem } from '../transfer/transfer-problem.js';
import { contentLengthOf, headerOf, wholeNumberOf } from './answer-headers.js';
import { parseContentRange } from './content-range.js';
import { parseEntityTag } from './entity-tag.js';
import { fileAddress } from './hub-address.js';
import { hubError } from './hub-error.js';
import type { HubFile } from './hub-file.js';
import type { HubAnswer } from './hub-requests.js';
import { leaveBody } from './leave-body.js';
import type { MetadataRequests } from './metadata-requests.js';

/** What the headers of a file's own address tell. */
export interface ProbedFile extends HubFile {
  /** Undefined where a mirror leaves `X-Repo-Commit` out. */
  readonly commit: string | undefined;
}

export interface FileSubject {
  readonly id: string;
  readonly revision: string;
  readonly path: string;
}

/**
 * Asks for the headers of a file. The hub answers for large files with a redirect to its storage, and that redirect tells
 * the file's hash and size: it is read. Redirects that tell nothing (a renamed repository, a mirror that hands
 * everything on) are followed.
 *
 * @returns undefined where there is no such file
 * @throws WebsslError `HUB_RESPONSE_INVALID` where no hash is given, so that the file could not be verified;
 * `HUB_UNREACHABLE` where every try brings a web page
 */
export async function probeFile(
  metadata: MetadataRequests,
  subject: FileSubject,
  signal: AbortSignal | undefined,
): Promise<ProbedFile | undefined> {
  const url = fileAddress(metadata.endpoint, subject.id, subject.revision, subject.path);
  let commit: string | undefined;
  const noteCommit = ({ headers }: HubAnswer): void => {
    const named = headerOf(headers, 'x-repo-commit')?.toLowerCase();
    if (named !== undefined && isCommit(named)) commit ??= named;
  };
  try {
    const { hash, bytes } = await metadata.ask(
      { method: 'HEAD', url, subject, signal },
      (answer) => {
        noteCommit(answer);
        leaveBody(answer, 'HEAD');
        const found = hashIn(answer);
        if (found === undefined && isWebPage(answer)) throw webPageProblem(answer);
        return { hash: found, bytes: bytesIn(answer) };
      },
      (answer, target) => {
        noteCommit(answer);
        const leaves = target.origin !== answer.url.origin;
        return (
          headerOf(answer.headers, 'x-linked-etag') !== undefined || (leaves && hashIn(answer) !== undefined)
        );
      },
    );
    if (hash === undefined) {
      throw hubError(
        'HUB_RESPONSE_INVALID',
        `${metadata.endpoint} gives no hash of ${subject.path} in ${subject.id} (X-Linked-Etag, ETag), so it cannot be verified.`,
        { details: { ...subject } },
      );
    }
    // Some mirrors give a length of 0 for files that are not empty.
    const isKnown = bytes !== undefined && (bytes > 0 || hash.digest === emptyBlob);
    return {
      path: subject.path,
      hash,
      commit,
      bytes: isKnown ? bytes : await probeLength(metadata, subject, signal),
    };
  } catch (error) {
    if (WebsslError.isInstance(error, 'HUB_FILE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Git's id of a file without content. */
const emptyBlob = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/** Asks for one byte: the answer to a range names the whole length. Undefined where the server serves no ranges. */
async function probeLength(
  metadata: MetadataRequests,
  subject: FileSubject,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const url = fileAddress(metadata.endpoint, subject.id, subject.revision, subject.path);
  try {
    return await metadata.ask({ method: 'GET', url, range: 'bytes=0-0', subject, signal }, (answer) => {
      leaveBody(answer);
      return answer.status === 206
        ? parseContentRange(headerOf(answer.headers, 'content-range'))?.totalBytes
        : contentLengthOf(answer.headers) || undefined;
    });
  } catch (error) {
    if (WebsslError.isInstance(error, 'HUB_RESPONSE_INVALID') && error.details['status'] === 416)
      return undefined;
    throw error;
  }
}

/** Whether it is a page for people: hubs give every file a hash, and no file of a model is such a page. */
function isWebPage({ headers }: HubAnswer): boolean {
  return /^text\/html\b/i.test(headerOf(headers, 'content-type') ?? '');
}

/** Networks with a sign-in page answer every address with it until somebody has signed in. */
function webPageProblem({ url, status }: HubAnswer): TransferProblem {
  return new TransferProblem(
    `${url.host} answers with a web page instead of the file; is there a sign-in page on this network?`,
    { status },
  );
}

function hashIn({ headers }: HubAnswer): HubFile['hash'] | undefined {
  return parseEntityTag(headerOf(headers, 'x-linked-etag') ?? headerOf(headers, 'etag'));
}

function bytesIn({ status, headers }: HubAnswer): number | undefined {
  const isFile = status >= 200 && status < 300;
  return wholeNumberOf(headers, 'x-linked-size') ?? (isFile ? contentLengthOf(headers) : undefined);
}
