import { type Backend, WebsslError } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { type EncodeResult, loadEncoder } from '@webssl/encoder';

const device: Backend = cpu({ threads: 1 });
const encoder = await loadEncoder('./model', { device });
const { cls } = await encoder.encode('photo.png', { features: ['cls'] });
const width: number = cls.dims[0] ?? 0;
const values: Float32Array = cls.data;

const problems: string[] = [];
for await (const result of encoder.encodeAll(['photo.png', 'missing.jpg'], { features: ['cls'] })) {
  const either: EncodeResult<string, 'cls'> = result;
  if ('error' in either && WebsslError.isInstance(either.error)) problems.push(either.error.code);
}
console.log(JSON.stringify({ dims: [width], cls: [...values], problems }));

// @ts-expect-error patches were not asked for
const { patches } = await encoder.encode('photo.png', { features: ['cls'] });
if (patches !== undefined) throw new Error('features that were not asked for');
await encoder.close();
