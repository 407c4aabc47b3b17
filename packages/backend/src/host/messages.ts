import type { DeviceInfo, DeviceReport, RunTiming } from '../contract.js';
import type { OutputName, TokenSelection } from '../outputs.js';
import type { PixelBatch, Tensor } from '../tensor.js';
import type { PackedError } from './error-transfer.js';

/** Raised when a message changes, so that a worker entry of another version is refused instead of misread. */
export const protocolVersion = 2;

/** What a served session says of its device; the host knows the rest. */
export type ServedDevice = Omit<DeviceInfo, 'isolation'>;

/** From the caller to the child. */
export type Request =
  | { readonly kind: 'open'; readonly setup: unknown }
  | { readonly kind: 'probe'; readonly setup: unknown }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly input: PixelBatch;
      readonly outputs: readonly OutputName[];
      readonly tokens: TokenSelection;
    }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'close' };

/** From the child to the caller. */
export type Reply =
  | { readonly kind: 'hello'; readonly protocol: number }
  | { readonly kind: 'probed'; readonly report: DeviceReport }
  | {
      readonly kind: 'opened';
      readonly device: ServedDevice;
      readonly batchSizes: readonly number[];
      readonly concurrentRuns: number;
    }
  /** A native call has ended: the child is alive. */
  | { readonly kind: 'call-ended' }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly tensors: Readonly<Partial<Record<OutputName, Tensor>>>;
      readonly timing?: RunTiming;
    }
  /** A run failed, or with no id the opening or the probe. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: PackedError };

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is a Float32Array, also one of another realm. */
export function isFloat32Array(value: unknown): value is Float32Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Float32Array]';
}

/** The reply in a message of the child, or undefined where it is none. */
export function readReply(message: unknown): Reply | undefined {
  if (!isFields(message)) return undefined;
  switch (message['kind']) {
    case 'hello':
      return isCount(message['protocol']) ? (message as Reply) : undefined;
    case 'call-ended':
      return message as Reply;
    case 'probed':
      return isReport(message['report']) ? (message as Reply) : undefined;
    case 'opened':
      return isDevice(message['device']) &&
        isList(message['batchSizes'], isPositive) &&
        isPositive(message['concurrentRuns'])
        ? (message as Reply)
        : undefined;
    case 'result':
      return isCount(message['id']) &&
        isFields(message['tensors']) &&
        isList(Object.values(message['tensors']), isTensor) &&
        (message['timing'] === undefined || isFields(message['timing']))
        ? (message as Reply)
        : undefined;
    case 'failed':
      return (message['id'] === undefined || isCount(message['id'])) && isPackedError(message['error'])
        ? (message as Reply)
        : undefined;
    default:
      return undefined;
  }
}

/** The request in a message of the caller, or undefined where it is none. */
export function readRequest(message: unknown): Request | undefined {
  if (!isFields(message)) return undefined;
  switch (message['kind']) {
    case 'open':
    case 'probe':
    case 'close':
      return message as Request;
    case 'abort':
      return isCount(message['id']) ? (message as Request) : undefined;
    case 'run':
      return isCount(message['id']) &&
        isTensor(message['input']) &&
        isList(message['outputs'], isText) &&
        isText(message['tokens'])
        ? (message as Request)
        : undefined;
    default:
      return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isPositive(value: unknown): value is number {
  return isCount(value) && value > 0;
}

function isTensor(value: unknown): value is Tensor {
  return (
    isFields(value) &&
    isFloat32Array(value['data']) &&
    isList(value['dims'], isCount) &&
    value['data'].length === value['dims'].reduce((product, dimension) => product * dimension, 1)
  );
}

function isDevice(value: unknown): value is ServedDevice {
  return (
    isFields(value) &&
    ['backend', 'name', 'precision', 'library'].every((field) => isText(value[field])) &&
    isFields(value['details'])
  );
}

function isReport(value: unknown): value is DeviceReport {
  if (!isFields(value)) return false;
  return value['usable'] === true
    ? isText(value['library']) && isList(value['devices'], isFields)
    : value['usable'] === false && isText(value['reason']) && isText(value['advice']);
}

function isPackedError(value: unknown): value is PackedError {
  return (
    isFields(value) && isText(value['message']) && (value['code'] === undefined || isText(value['code']))
  );
}
