import { createHmac } from 'node:crypto';
import type { StoredFile } from './stored-file.js';

/** Signs the addresses of large files on the CDN host, and checks them. */
export class SignedUrls {
  readonly #seconds: number;
  readonly #files = new Map<string, StoredFile>();
  #generation = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** Everything signed so far is refused from now on. */
  expireAll(): void {
    this.#generation++;
  }

  /** The query names the file, as on the real CDN: log filters and fault rules find it by its name. */
  async sign(file: StoredFile, origin: string): Promise<string> {
    const sha256 = await file.sha256();
    const path = `/repos/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    this.#files.set(path, file);
    const expires = (Date.now() / 1000 + this.#seconds).toFixed(3);
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const query = new URLSearchParams({
      'response-content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(name)}`,
      Expires: expires,
      Signature: this.#signature(path, expires),
      'Key-Pair-Id': 'hub-double',
    });
    return `${origin}${path}?${query}`;
  }

  /** The file of a path and query; undefined where the signature is wrong or too old. */
  check(path: string, query: URLSearchParams): StoredFile | undefined {
    const expires = query.get('Expires') ?? '';
    if (query.get('Signature') !== this.#signature(path, expires)) return undefined;
    if (!(Number(expires) * 1000 > Date.now())) return undefined;
    return this.#files.get(path);
  }

  #signature(path: string, expires: string): string {
    return createHmac('sha256', `hub-double ${this.#generation}`)
      .update(`${path} ${expires}`)
      .digest('base64url');
  }
}
