/** Pillow's resampling filters. The reference numbers them 4, 2, 5, 3 and 1. */
export type ResampleFilter = 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** What a preprocessor_config.json asks for, validated. A step that is switched off is absent. */
export interface ProcessorConfig {
  /** `BitImageProcessor` or `ViTImageProcessor`. */
  readonly type: string;
  /** Only a record of the file: every image is converted to RGB. Where this is false the reference fails for others. */
  readonly convertRgb: boolean;
  readonly resize?: {
    /** The shorter side, or exactly this size, or the smallest size of the image's own shape that covers this one. */
    readonly size:
      | { readonly shortestEdge: number }
      | { readonly height: number; readonly width: number }
      | { readonly cover: { readonly height: number; readonly width: number } };
    readonly filter: ResampleFilter;
  };
  readonly centerCrop?: { readonly height: number; readonly width: number };
  readonly rescaleFactor?: number;
  readonly normalize?: {
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
}
