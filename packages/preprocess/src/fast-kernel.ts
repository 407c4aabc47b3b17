import { WebsslError } from '@webssl/backend';
import type { ResampleFilter } from './processor-config.js';

/** The name of a libvips kernel. */
type FastKernel = 'linear' | 'cubic' | 'lanczos3';

/** The kernels of libvips that come closest to Pillow's filters. */
const kernels: Readonly<Partial<Record<ResampleFilter, FastKernel>>> = {
  bilinear: 'linear',
  bicubic: 'cubic',
  lanczos: 'lanczos3',
};

/** @throws WebsslError IMAGE_OPTION_INVALID for a filter that libvips does not have */
export function fastKernel(filter: ResampleFilter): FastKernel {
  const kernel = kernels[filter];
  if (kernel !== undefined) return kernel;
  throw new WebsslError({
    code: 'IMAGE_OPTION_INVALID',
    message: `resize: 'fast' has no ${filter} filter. Use resize: 'exact', or bilinear, bicubic or lanczos.`,
  });
}
