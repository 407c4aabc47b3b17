import { type Precision, WebsslError } from '@webssl/backend';

/** A device as a user names it: `<backend>[:<precision>][@<index>,...]`. */
export interface DeviceSpecification {
  /** Id of a backend, or `npu` for the first Ascend backend that answers. */
  readonly backend: string;
  /** Absent: the backend's default. */
  readonly precision: Precision | undefined;
  /** One session a device index. Empty: the backend's default device. */
  readonly indices: readonly number[];
}

const grammar =
  /^(?<backend>[a-z][a-z0-9-]*)(?::(?<precision>[a-z][a-z0-9-]*))?(?:@(?<indices>\d{1,4}(?:,\d{1,4})*))?$/;

/**
 * Reads a device name such as `cpu`, `npu`, `acl-native:fp16` or `cann-onnx:fp32@0,1`.
 *
 * @throws WebsslError `DEVICE_SPECIFICATION_INVALID`
 */
export function parseDevice(text: string): DeviceSpecification {
  const groups = grammar.exec(text)?.groups;
  const backend = groups?.['backend'];
  if (backend === undefined) {
    const lower = text.toLowerCase();
    const meant = grammar.test(lower) ? `Did you mean ${lower}? ` : '';
    throw new WebsslError({
      code: 'DEVICE_SPECIFICATION_INVALID',
      message: `${JSON.stringify(text)} does not name a device. ${meant}Write <backend>[:<precision>][@<index>,...], for example cpu, npu, acl-native:fp16 or cann-onnx:fp32@0,1.`,
    });
  }
  const indices = groups?.['indices']?.split(',').map(Number) ?? [];
  if (new Set(indices).size !== indices.length) {
    throw new WebsslError({
      code: 'DEVICE_SPECIFICATION_INVALID',
      message: `${JSON.stringify(text)} names a device index twice. Each index opens one session: name it once.`,
    });
  }
  return { backend, precision: groups?.['precision'], indices };
}
