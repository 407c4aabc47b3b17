import type { ProductChain } from './product-chain.js';

/** Matrix products of a model's shapes, by what they are. */
export interface ModelProduct {
  /** Such as `MatMul [257,1280]x[1280,5120]x[5120,1280]`. */
  readonly name: string;
  readonly chain: ProductChain;
}

/** The sizes of a model that its matrix products have. */
export interface ProductSizes {
  readonly tokens: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
}

/** Products in one chain: long enough that calling the runtime does not count, short enough for a small model. */
const chainLength = 8;

/** The projections, and the feed-forward network there and back; with either operator. */
export function modelProducts({ tokens, hiddenSize, feedForwardSize }: ProductSizes): ModelProduct[] {
  return (['MatMul', 'Gemm'] as const).flatMap((operator) =>
    [hiddenSize, feedForwardSize].map((inner) => ({
      name: `${operator} [${tokens},${hiddenSize}]x[${hiddenSize},${inner}]${inner === hiddenSize ? '' : `x[${inner},${hiddenSize}]`}`,
      chain: {
        operator,
        rows: tokens,
        widths: Array.from({ length: chainLength + 1 }, (_, position) =>
          position % 2 === 0 ? hiddenSize : inner,
        ),
      },
    })),
  );
}
