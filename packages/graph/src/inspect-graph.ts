import { fromBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from './generated/onnx_pb.js';
import { graphError } from './graph-error.js';

/** Bytes of a weight file that a graph uses. */
export interface WeightRange {
  /** Name of the tensor. */
  readonly name: string;
  readonly dims: readonly number[];
  /** Path of the file, relative to the model's folder. */
  readonly location: string;
  /** First byte, from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** An input or output of a graph. */
export interface GraphValue {
  readonly name: string;
  /** A size, or the name of one that is known only at run time. */
  readonly dims: readonly (number | string)[];
}

/** What an ONNX model consists of. */
export interface GraphInspection {
  readonly irVersion: number;
  /** Version of each operator set by its domain; '' is the standard one. */
  readonly operatorSets: Readonly<Record<string, number>>;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** How often each operator occurs; those outside the standard bear their domain, as in `com.microsoft.Gelu`. */
  readonly operators: Readonly<Record<string, number>>;
  /** The weights outside the model, file by file in the order of their bytes. */
  readonly weights: readonly WeightRange[];
  /** Bytes of constants inside the model. */
  readonly embeddedBytes: number;
}

/**
 * Reads a serialised ONNX model: which bytes of which files it uses, and what it is made of.
 * @throws WebsslError `GRAPH_MODEL_INVALID` when the bytes are not an ONNX model, or external data lacks a location, offset or length.
 */
export function inspectGraph(bytes: Uint8Array): GraphInspection {
  const model = decode(bytes);
  const { graph } = model;
  if (graph === undefined) throw invalid('it has no graph');
  const external = graph.initializer.filter(isExternal);
  const embedded = graph.initializer.filter((tensor) => !isExternal(tensor));
  return {
    irVersion: Number(model.irVersion),
    operatorSets: Object.fromEntries(
      model.opsetImport.map(({ domain, version }) => [domain, Number(version)]),
    ),
    inputs: graph.input.map(graphValue),
    outputs: graph.output.map(graphValue),
    operators: countOperators(graph.node),
    weights: external.map(weightRange).sort(byPlace),
    embeddedBytes: embedded.reduce((sum, tensor) => sum + dataBytes(tensor), 0),
  };
}

function decode(bytes: Uint8Array) {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw invalid('its protobuf encoding is broken', cause);
  }
}

function isExternal({ dataLocation }: TensorProto): boolean {
  return dataLocation === TensorProto_DataLocation.EXTERNAL;
}

/** Numbers may be stored as bytes or in a list of their type. */
function dataBytes({
  rawData,
  floatData,
  int32Data,
  int64Data,
  doubleData,
  uint64Data,
}: TensorProto): number {
  const longs = int64Data.length + doubleData.length + uint64Data.length;
  return rawData.length + 4 * (floatData.length + int32Data.length) + 8 * longs;
}

function weightRange({ name, dims, externalData }: TensorProto): WeightRange {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location');
  const offset = Number(entries.get('offset'));
  const byteLength = Number(entries.get('length'));
  if (location === undefined || !Number.isSafeInteger(offset) || !Number.isSafeInteger(byteLength)) {
    throw invalid(`the external data of ${name} has no location, offset and length`);
  }
  return { name, dims: dims.map(Number), location, offset, byteLength };
}

function byPlace(a: WeightRange, b: WeightRange): number {
  if (a.location !== b.location) return a.location < b.location ? -1 : 1;
  return a.offset - b.offset;
}

function countOperators(nodes: readonly NodeProto[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { domain, opType } of nodes) {
    const name = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function graphValue({ name, type }: ValueInfoProto): GraphValue {
  const shape = type?.value.case === 'tensorType' ? type.value.value.shape : undefined;
  if (shape === undefined) throw invalid(`${name} is no tensor with a shape`);
  return {
    name,
    dims: shape.dim.map(({ value }) =>
      value.case === 'dimValue' ? Number(value.value) : (value.value ?? ''),
    ),
  };
}

function invalid(problem: string, cause?: unknown) {
  return graphError('GRAPH_MODEL_INVALID', `These bytes are not a usable ONNX model: ${problem}.`, {}, cause);
}
