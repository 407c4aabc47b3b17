import { create, toBinary } from '@bufbuild/protobuf';
import type { TensorEntry } from '@webssl/tensor-files';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.js';
import { graphError } from './graph-error.js';
import type { WeightFiles } from './weight-files.js';

/**
 * At this operator set ONNX Runtime leaves LayerNorm and GELU decomposed before it hands a graph to a device that knows neither (up to
 * 16), Ascend's compiler reads it (11 to 18), and so do the early versions of ONNX Runtime's CANN provider (8 to 15).
 */
const operatorSet = 15n;

/** The file format that belongs to that operator set (ONNX 1.10). */
const irVersion = 8n;

/** Operators that ONNX Runtime has beside the standard ones, at their only version. */
const runtimeOperators = { domain: 'com.microsoft', version: 1n };

/** Name of a value (the output of a node, an input or an initializer). */
export type Value = string;

/** A dimension: its size, or the name of one that is known only at run time. */
export type Dimension = number | string;

/** Collects nodes and initializers; every name that is given must be new. */
export class GraphBuilder {
  readonly #files: WeightFiles;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers = new Map<string, TensorProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #usedLocations = new Set<string>();
  #weightBytes = 0;
  #needsRuntime = false;

  constructor(files: WeightFiles) {
    this.#files = files;
  }

  /** Adds a node with one output, which bears the node's name. */
  node(
    name: string,
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): Value {
    this.#add(name, operator, inputs, [name], attributes);
    return name;
  }

  /** Adds a node with one output, which bears the node's name, of an operator that only ONNX Runtime has. An input of '' is left out. */
  runtimeNode(
    name: string,
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, number>> = {},
  ): Value {
    this.#needsRuntime = true;
    this.#add(name, operator, inputs, [name], attributes, runtimeOperators.domain);
    return name;
  }

  /** Cuts `[M, 2 * width]` into its left and its right half. */
  halves(names: readonly [string, string], input: Value, width: number): readonly [Value, Value] {
    this.#add(names.join(' | '), 'Split', [input, this.integers([width, width])], names, { axis: -1 });
    return names;
  }

  /**
   * A tensor that stays where it is: the graph only says in which bytes of which file.
   * @throws WebsslError `GRAPH_WEIGHT_TYPE_UNSUPPORTED` when it is not of the type that is needed.
   */
  weight(tensor: TensorEntry, needed: keyof typeof dataTypes = 'F32'): Value {
    const { name, type, shape, file, offset, byteLength } = tensor;
    if (this.#initializers.has(name)) return name;
    if (type !== needed) {
      throw graphError(
        'GRAPH_WEIGHT_TYPE_UNSUPPORTED',
        `The tensor ${name} in ${file} is ${type}: a graph can use weights in place only when they are ${needed}.`,
        { tensor: name, type },
      );
    }
    const location = this.#files.locations.get(file);
    if (location === undefined) {
      throw graphError(
        'GRAPH_WEIGHTS_UNREACHABLE',
        `The tensor ${name} is in ${file}, which the index does not list.`,
      );
    }
    this.#usedLocations.add(location);
    this.#weightBytes += byteLength;
    this.#initializers.set(
      name,
      create(TensorProtoSchema, {
        name,
        dims: shape.map(BigInt),
        dataType: dataTypes[needed],
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        // Ascend's compiler takes any further key for the length.
        externalData: [
          { key: 'location', value: location },
          { key: 'offset', value: String(offset) },
          { key: 'length', value: String(byteLength) },
        ],
      }),
    );
    return name;
  }

  /** A float32 constant inside the graph. */
  floats(name: string, dims: readonly number[], values: readonly number[] | Float32Array): Value {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value: number, index: number) => {
      view.setFloat32(index * 4, value, true);
    });
    return this.#constant(name, dims, TensorProto_DataType.FLOAT, bytes);
  }

  /** A float32 number inside the graph. */
  scalar(name: string, value: number): Value {
    return this.floats(name, [], [value]);
  }

  /** A list of int64 inside the graph: a shape, positions or sizes. */
  integers(values: readonly number[]): Value {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, index) => {
      view.setBigInt64(index * 8, BigInt(value), true);
    });
    const name = `[${values.join(',')}]`;
    return this.#constant(name, [values.length], TensorProto_DataType.INT64, new Uint8Array(view.buffer));
  }

  input(name: string, dims: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, dims));
    return name;
  }

  /** Declares a value that was computed to be an output. */
  output(name: Value, dims: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, dims));
  }

  /** Bytes of the weights that are used. */
  get weightBytes(): number {
    return this.#weightBytes;
  }

  /** Locations of the files that the weights used lie in. */
  get usedLocations(): readonly string[] {
    return [...this.#usedLocations].sort();
  }

  /** The serialised ModelProto. */
  serialize(graphName: string): Uint8Array {
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion,
        producerName: '@webssl/graph',
        opsetImport: [
          { domain: '', version: operatorSet },
          ...(this.#needsRuntime ? [runtimeOperators] : []),
        ],
        graph: create(GraphProtoSchema, {
          name: graphName,
          node: this.#nodes,
          initializer: [...this.#initializers.values()],
          input: this.#inputs,
          output: this.#outputs,
        }),
      }),
    );
  }

  #add(
    name: string,
    operator: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: Readonly<Record<string, number | readonly number[]>>,
    domain?: string,
  ): void {
    this.#nodes.push(
      create(NodeProtoSchema, {
        name,
        opType: operator,
        ...(domain === undefined ? {} : { domain }),
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
      }),
    );
  }

  #constant(
    name: string,
    dims: readonly number[],
    dataType: TensorProto_DataType,
    rawData: Uint8Array,
  ): Value {
    if (!this.#initializers.has(name)) {
      this.#initializers.set(
        name,
        create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData }),
      );
    }
    return name;
  }
}

const dataTypes = { F32: TensorProto_DataType.FLOAT, I8: TensorProto_DataType.INT8 } as const;

function attributeProto(name: string, value: number | readonly number[]): AttributeProto {
  return create(
    AttributeProtoSchema,
    typeof value === 'number'
      ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
      : { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) },
  );
}

function valueInfo(name: string, dims: readonly Dimension[]): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: {
            dim: dims.map((dimension) => ({
              value:
                typeof dimension === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(dimension) }
                  : { case: 'dimParam' as const, value: dimension },
            })),
          },
        },
      },
    },
  });
}
