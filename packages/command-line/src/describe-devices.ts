import type { DeviceInfo } from '@webssl/backend';

/** What executed, devices of a kind together, each kind as `--device` names it: `acl-native:fp32@0,1 (Ascend910B4, AscendCL 1.16.0)`. */
export function describeDevices(devices: readonly DeviceInfo[]): string {
  const kinds = new Map<string, readonly DeviceInfo[]>();
  for (const device of devices) {
    const { backend, precision, name, library } = device;
    const kind = [backend, precision, name, library].join('\n');
    kinds.set(kind, [...(kinds.get(kind) ?? []), device]);
  }
  return [...kinds.values()].map(describeKind).join('; ');
}

function describeKind(devices: readonly DeviceInfo[]): string {
  const [first] = devices;
  if (first === undefined) return '';
  const { backend, precision, name, library } = first;
  // There is one CPU device, whose index tells nothing.
  const indices = backend === 'cpu' ? '' : devices.flatMap(({ index }) => index ?? []).join(',');
  return `${backend}:${precision}${indices && `@${indices}`} (${name}, ${library})`;
}
