import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { type DownloadOptions, downloadFile, type FileDownload, type Rejection } from '../download-file.js';
import { partOf } from '../part-state.js';
import type { RetryNotice } from '../retry.js';
import { hastyRetries, sha256Of } from './file-of.js';
import { ScriptedSource } from './scripted-source.js';

type Script = ConstructorParameters<typeof ScriptedSource>[1];

/** A file and the folder that it is brought to. */
export class DownloadCase {
  readonly content: Uint8Array;
  readonly destination: string;
  readonly task: Omit<FileDownload, 'source'>;
  /** Bytes there, as the calls of `onBytes` add up. */
  countedBytes = 0;
  readonly notices: RetryNotice[] = [];
  readonly rejections: Rejection[] = [];

  constructor(folder: string, content: Uint8Array, facts: Partial<FileDownload> = {}) {
    this.content = content;
    this.destination = join(folder, 'blob');
    this.task = {
      destination: this.destination,
      bytes: content.length,
      hash: sha256Of(content),
      ...facts,
    };
  }

  /** Downloads once with requests that are answered as the script says. Returns the source, to be asked what it was asked. */
  async run(script: Script = [], options: DownloadOptions = {}): Promise<ScriptedSource> {
    const source = new ScriptedSource(this.content, script);
    await this.runFrom(source, options);
    return source;
  }

  async runFrom(source: ScriptedSource, options: DownloadOptions = {}): Promise<void> {
    await downloadFile(
      { ...this.task, source },
      {
        retry: hastyRetries,
        pieceBytes: 100_000,
        onBytes: (difference) => {
          this.countedBytes += difference;
        },
        onRetry: (notice) => this.notices.push(notice),
        onRejected: (rejection) => this.rejections.push(rejection),
        ...options,
      },
    );
  }

  /** The bytes at the destination are right, and nothing else lies there. */
  async isDone(): Promise<boolean> {
    const names = await readdir(dirname(this.destination));
    if (names.join() !== basename(this.destination)) return false;
    return Buffer.compare(await readFile(this.destination), this.content) === 0;
  }

  async presentBytes(): Promise<number> {
    return (await partOf(this.destination, this.task)).presentBytes;
  }
}

export async function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'webssl-download-'));
}

/** Downloads that have a folder each, which are removed after every test of the file. */
export function useDownloadCases(
  content: Uint8Array,
): (facts?: Partial<FileDownload>, other?: Uint8Array) => Promise<DownloadCase> {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  return async (facts = {}, other = content) => {
    const folder = await freshFolder();
    folders.push(folder);
    return new DownloadCase(folder, other, facts);
  };
}
