import type { EvaluationRecord } from '@webssl/checker';

export const reference = 'cpu';
export const candidate = 'acl-native:fp16@0';
export const batches = [1, 4, 8, 16];

/** How a content differs from a good one. */
export interface Variation {
  readonly images?: readonly string[];
  readonly model?: string;
  readonly synthetic?: boolean;
  /** From this layer on the candidate is 100 000 times worse, and its last layer is NaN. */
  readonly brokenLayer?: number;
  readonly message?: string;
}

/** What every plan of a model says. */
export function opening(
  run: string,
  { model = 'facebook/webssl-mae700m-full2b-224', synthetic = false }: Variation,
) {
  return {
    run,
    schema: 1 as const,
    started: '2026-03-14T09:26:53.589Z',
    version: '0.3.0',
    model,
    revision: 'd1f54feb0d9c44b0b2e6ff4e7bb4ea4fbf2a4c3e',
    weights: 'sha256:5d41402abc4b2a76b9719d911017c592ae2f1c7b0a4e9d8c7f6e5d4c3b2a1908',
    synthetic,
    height: 224,
    width: 224,
  };
}

/** The machine and its two devices. */
export function surroundings(run: string): EvaluationRecord[] {
  return [
    {
      record: 'run.environment',
      run,
      node: 'v20.20.2',
      platform: 'linux',
      arch: 'arm64',
      os: 'Linux 5.10.0-182.0.0',
      cpu: 'Kunpeng-920',
      processors: 192,
      memory_bytes: 1_622_726_868_992,
      image_library: 'sharp 0.35.5, libvips 8.18.3',
    },
    {
      record: 'run.device',
      run,
      device: reference,
      role: 'reference',
      backend: 'cpu',
      name: 'Kunpeng-920',
      precision: 'fp32',
      library: 'onnxruntime-node 1.30.0',
      isolation: 'process',
      details: JSON.stringify({ threads: 96, mode: 'coldStart' }),
    },
    {
      record: 'run.device',
      run,
      device: candidate,
      role: 'candidate',
      backend: 'acl-native',
      name: 'Ascend 910B4',
      precision: 'fp16',
      library: 'CANN 8.5.1',
      isolation: 'thread',
      index: 0,
      details: JSON.stringify({ soc: 'Ascend910B4', gears: [1, 4, 8, 16] }),
    },
  ];
}
