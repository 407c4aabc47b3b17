import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnnxModel, Tensor } from '@webssl/backend';
import { openSession, runSession } from './run-graph.js';

type Shapes = readonly Readonly<Record<string, readonly number[]>>[];

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args: {
    readonly op_name?: string;
    readonly input_type_shape?: Shapes;
    readonly output_type_shape?: Shapes;
  };
}

const matrixProducts = new Set(['Gemm', 'MatMul', 'FusedMatMul']);

/** Multiplications in the matrix products of one run, from the shapes that ONNX Runtime's profiler saw. */
export async function countMultiplyAdds(model: OnnxModel, input: Tensor, scratch: string): Promise<number> {
  const folder = await mkdtemp(join(scratch, 'profile-'));
  const session = await openSession(model, {
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
  });
  await runSession(session, model, input);
  session.endProfiling();
  await session.release();
  const [file = ''] = await readdir(folder);
  const events: readonly ProfileEvent[] = JSON.parse(await readFile(join(folder, file), 'utf8'));
  return events.filter(isMatrixProduct).reduce((sum, { args }) => {
    const inner = firstShape(args.input_type_shape).at(-1) ?? 0;
    return sum + firstShape(args.output_type_shape).reduce((product, size) => product * size, inner);
  }, 0);
}

function isMatrixProduct({ cat, name, args }: ProfileEvent): boolean {
  return cat === 'Node' && name.endsWith('_kernel_time') && matrixProducts.has(args.op_name ?? '');
}

function firstShape(shapes: Shapes = []): readonly number[] {
  return Object.values(shapes[0] ?? {})[0] ?? [];
}
