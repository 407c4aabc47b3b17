/** Pillow's resampling filters. The reference numbers them 4, 2, 5, 3 and 1. */
export type ResampleFilter = 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** What a preprocessor_config.json asks for, validated. A step that is switched off is absent. */
export interface ProcessorConfig {
  /** `BitImageProcessor` or `ViTImageProcessor`. */
  readonly type: string;
  readonly convertRgb: boolean;
  readonly resize?: {
    readonly size: { readonly shortestEdge: number } | { readonly height: number; readonly width: number };
    readonly filter: ResampleFilter;
  };
  readonly centerCrop?: { readonly height: number; readonly width: number };
  readonly rescaleFactor?: number;
  readonly normalize?: {
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
}
