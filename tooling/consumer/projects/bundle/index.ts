import { loadEncoder } from '@webssl/encoder';

const encoder = await loadEncoder('./model', { device: 'cpu' });
const { cls } = await encoder.encode('photo.png', { features: ['cls'] });
console.log(JSON.stringify({ dims: [cls.dims], cls: [...cls.data], devices: encoder.info.devices }));
await encoder.close();
