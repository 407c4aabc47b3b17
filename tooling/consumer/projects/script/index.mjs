import { loadEncoder } from '@webssl/encoder';

const encoder = await loadEncoder('./model', { device: 'cpu' });
const { cls, patches } = await encoder.encode('photo.png', { features: ['cls', 'patches'] });
console.log(JSON.stringify({ dims: [cls.dims, patches.dims], cls: [...cls.data] }));
await encoder.close();
