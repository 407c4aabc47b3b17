import { WebsslError } from '@webssl/backend';

/**
 * The device to name where an offline model is to run: only one backend takes it, and no other may answer in its place.
 *
 * @throws WebsslError `DEVICE_SPECIFICATION_INVALID`
 */
export async function offlineModelDevice(device: string): Promise<string> {
  // The encoder takes longer to load than a program's help to print.
  const { parseDevice } = await import('@webssl/encoder');
  const { backend } = parseDevice(device);
  if (backend === 'acl-native') return device;
  if (backend === 'npu') return device.replace(/^npu/, 'acl-native');
  throw new WebsslError({
    code: 'DEVICE_SPECIFICATION_INVALID',
    message: `Offline models run on the devices of acl-native, and ${device} is none. Leave --offline-model out, or write --device acl-native or npu.`,
  });
}
