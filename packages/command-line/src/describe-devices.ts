import type { DeviceInfo } from '@webssl/backend';

/**
 * What executed, devices of a kind together, each kind as `--device` names it: `acl-native:fp32@0,1 (Ascend910B4, AscendCL 1.16.0)`.
 * Weights that were made of the model's own are named by their recipe: others would have given other features.
 */
export function describeDevices(devices: readonly DeviceInfo[]): string {
  const kinds = new Map<string, readonly DeviceInfo[]>();
  for (const device of devices) {
    const { backend, precision, name, library, details } = device;
    const kind = [backend, precision, name, library, details['weightRecipe']].join('\n');
    kinds.set(kind, [...(kinds.get(kind) ?? []), device]);
  }
  return [...kinds.values()].map(describeKind).join('; ');
}

function describeKind(devices: readonly DeviceInfo[]): string {
  const [first] = devices;
  if (first === undefined) return '';
  const { backend, precision, name, library, details } = first;
  const { weightRecipe } = details;
  // There is one CPU device, whose index tells nothing.
  const indices = backend === 'cpu' ? '' : devices.flatMap(({ index }) => index ?? []).join(',');
  const weights = weightRecipe === undefined ? '' : `, weights by recipe ${weightRecipe}`;
  return `${backend}:${precision}${indices && `@${indices}`} (${name}, ${library}${weights})`;
}
