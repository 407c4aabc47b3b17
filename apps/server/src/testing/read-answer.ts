import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@webssl/backend';
import { openTensorIndex, readNpy, readTensor } from '@webssl/tensor-files';

/** One entry of a JSON answer. */
export interface JsonResult {
  readonly index: number;
  readonly name?: string;
  readonly synthetic?: boolean;
  readonly features?: Readonly<Record<string, { readonly dims: number[]; readonly data: number[] }>>;
  readonly error?: {
    readonly message: string;
    readonly code: string;
    readonly param: string | null;
    readonly status: number;
  };
}

export interface JsonAnswer {
  readonly model: string;
  readonly synthetic: boolean;
  readonly results: readonly JsonResult[];
}

/** Features of a JSON result as tensors, as an encoder gives them. */
export function tensorsOf({ features = {} }: JsonResult): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(features).map(([name, { dims, data }]) => [name, { dims, data: Float32Array.from(data) }]),
  );
}

export async function jsonOfAnswer(answer: Response): Promise<JsonAnswer> {
  return (await answer.json()) as JsonAnswer;
}

export async function linesOfAnswer(answer: Response): Promise<readonly JsonResult[]> {
  const text = await answer.text();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonResult);
}

/** The array of an npy answer, as another program reads it. */
export async function npyOfAnswer(answer: Response): Promise<Tensor> {
  return inFile(answer, 'features.npy', readNpy);
}

export async function safetensorsOfAnswer(answer: Response): Promise<{
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  return inFile(answer, 'features.safetensors', async (path) => {
    const { tensors, metadata } = await openTensorIndex(path);
    const read: [string, Tensor][] = [];
    for (const entry of tensors.values()) read.push([entry.name, await readTensor(entry)]);
    return { tensors: Object.fromEntries(read), metadata };
  });
}

async function inFile<T>(answer: Response, name: string, read: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'webssl-answer-'));
  try {
    const path = join(folder, name);
    await writeFile(path, Buffer.from(await answer.arrayBuffer()));
    return await read(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
