import koffi from 'koffi';

/** The address of something native. */
export type Pointer = bigint;

/** The status of a call: null where it succeeded. */
export type Status = Pointer | null;

/** Where a function leaves an address. */
export type PointerSlot = [Pointer | null];

/** The functions of OrtApi that this package calls. Those that give a status leave their result in the last argument. */
export interface OnnxRuntimeFunctions {
  getErrorMessage(status: Pointer): string;
  createEnv(severity: number, id: string, env: PointerSlot): Status;
  createSessionFromArray(
    env: Pointer,
    model: Uint8Array,
    bytes: number,
    options: Pointer,
    session: PointerSlot,
  ): Status;
  run(
    session: Pointer,
    options: null,
    inputNames: readonly string[],
    inputs: BigUint64Array,
    inputCount: number,
    outputNames: readonly string[],
    outputCount: number,
    outputs: BigUint64Array,
  ): Status;
  createSessionOptions(options: PointerSlot): Status;
  setSessionExecutionMode(options: Pointer, mode: number): Status;
  disableMemPattern(options: Pointer): Status;
  disableCpuMemArena(options: Pointer): Status;
  setSessionLogSeverityLevel(options: Pointer, severity: number): Status;
  setSessionGraphOptimizationLevel(options: Pointer, level: number): Status;
  setIntraOpNumThreads(options: Pointer, threads: number): Status;
  setInterOpNumThreads(options: Pointer, threads: number): Status;
  createTensorWithDataAsOrtValue(
    memory: Pointer,
    data: Float32Array,
    bytes: number,
    dims: BigInt64Array,
    rank: number,
    type: number,
    value: PointerSlot,
  ): Status;
  getTensorMutableData(value: Pointer, data: PointerSlot): Status;
  getTensorElementType(shape: Pointer, type: Int32Array): Status;
  getDimensionsCount(shape: Pointer, count: BigUint64Array): Status;
  getDimensions(shape: Pointer, dims: BigInt64Array, count: number): Status;
  getTensorTypeAndShape(value: Pointer, shape: PointerSlot): Status;
  createCpuMemoryInfo(allocator: number, type: number, memory: PointerSlot): Status;
  releaseEnv(env: Pointer): void;
  releaseStatus(status: Pointer): void;
  releaseMemoryInfo(memory: Pointer): void;
  releaseSession(session: Pointer): void;
  releaseValue(value: Pointer): void;
  releaseTensorTypeAndShapeInfo(shape: Pointer): void;
  releaseSessionOptions(options: Pointer): void;
  getAvailableProviders(names: PointerSlot, count: Int32Array): Status;
  releaseAvailableProviders(names: Pointer, count: number): Status;
  addSessionConfigEntry(options: Pointer, key: string, value: string): Status;
  appendCannProvider(options: Pointer, provider: Pointer): Status;
  createCannOptions(provider: PointerSlot): Status;
  updateCannOptions(
    provider: Pointer,
    keys: readonly string[],
    values: readonly string[],
    count: number,
  ): Status;
  releaseCannOptions(provider: Pointer): void;
  getBuildInfoString(): string;
  addExternalInitializersFromFilesInMemory(
    options: Pointer,
    files: readonly string[],
    contents: BigUint64Array,
    lengths: BigUint64Array,
    count: number,
  ): Status;
}

/**
 * The version of the function table that is asked for, ONNX Runtime 1.18: the first whose table has everything above. Tables only
 * grow, so every later library has it too.
 */
export const tableVersion = 18;

const types = {
  address: 'void *',
  slot: koffi.out(koffi.pointer('void *')),
  text: 'str',
  texts: koffi.pointer('str'),
  int: 'int',
  size: 'size_t',
} as const;

type Declaration = readonly [
  slot: number,
  result: 'address' | 'text' | 'nothing',
  parameters: readonly (keyof typeof types)[],
];

/** Place in the table, result and parameters, in the order of onnxruntime_c_api.h. */
const declarations: {
  readonly [Name in keyof OnnxRuntimeFunctions]: Declaration;
} = {
  getErrorMessage: [2, 'text', ['address']],
  createEnv: [3, 'address', ['int', 'text', 'slot']],
  createSessionFromArray: [8, 'address', ['address', 'address', 'size', 'address', 'slot']],
  run: [9, 'address', ['address', 'address', 'texts', 'address', 'size', 'texts', 'size', 'address']],
  createSessionOptions: [10, 'address', ['slot']],
  setSessionExecutionMode: [13, 'address', ['address', 'int']],
  disableMemPattern: [17, 'address', ['address']],
  disableCpuMemArena: [19, 'address', ['address']],
  setSessionLogSeverityLevel: [22, 'address', ['address', 'int']],
  setSessionGraphOptimizationLevel: [23, 'address', ['address', 'int']],
  setIntraOpNumThreads: [24, 'address', ['address', 'int']],
  setInterOpNumThreads: [25, 'address', ['address', 'int']],
  createTensorWithDataAsOrtValue: [
    49,
    'address',
    ['address', 'address', 'size', 'address', 'size', 'int', 'slot'],
  ],
  getTensorMutableData: [51, 'address', ['address', 'slot']],
  getTensorElementType: [60, 'address', ['address', 'address']],
  getDimensionsCount: [61, 'address', ['address', 'address']],
  getDimensions: [62, 'address', ['address', 'address', 'size']],
  getTensorTypeAndShape: [65, 'address', ['address', 'slot']],
  createCpuMemoryInfo: [69, 'address', ['int', 'int', 'slot']],
  releaseEnv: [92, 'nothing', ['address']],
  releaseStatus: [93, 'nothing', ['address']],
  releaseMemoryInfo: [94, 'nothing', ['address']],
  releaseSession: [95, 'nothing', ['address']],
  releaseValue: [96, 'nothing', ['address']],
  releaseTensorTypeAndShapeInfo: [99, 'nothing', ['address']],
  releaseSessionOptions: [100, 'nothing', ['address']],
  getAvailableProviders: [125, 'address', ['slot', 'address']],
  releaseAvailableProviders: [126, 'address', ['address', 'int']],
  addSessionConfigEntry: [130, 'address', ['address', 'text', 'text']],
  appendCannProvider: [220, 'address', ['address', 'address']],
  createCannOptions: [221, 'address', ['slot']],
  updateCannOptions: [222, 'address', ['address', 'texts', 'texts', 'size']],
  releaseCannOptions: [224, 'nothing', ['address']],
  getBuildInfoString: [254, 'text', []],
  addExternalInitializersFromFilesInMemory: [
    279,
    'address',
    ['address', 'texts', 'address', 'address', 'size'],
  ],
};

/**
 * The functions of an OrtApi of version {@link tableVersion} or later.
 * @returns the functions, or which places of the table are empty
 */
export function bindFunctions(
  table: Pointer,
): { readonly functions: OnnxRuntimeFunctions } | { readonly missing: readonly string[] } {
  const length = 1 + Math.max(...Object.values(declarations).map(([slot]) => slot));
  const addresses = koffi.decode(table, koffi.array('void *', length)) as (Pointer | null)[];
  const missing = Object.entries(declarations).flatMap(([name, [slot]]) =>
    addresses[slot] ? [] : `${name} (place ${slot})`,
  );
  if (missing.length > 0) return { missing };
  // Koffi keeps every prototype for as long as the process lives, so functions of one shape share one.
  const prototypes = new Map<string, ReturnType<typeof koffi.proto>>();
  const prototype = ([, result, parameters]: Declaration) => {
    const shape = [result, ...parameters].join();
    const known = prototypes.get(shape);
    if (known !== undefined) return known;
    const made = koffi.proto(
      result === 'nothing' ? 'void' : types[result],
      parameters.map((parameter) => types[parameter]),
    );
    prototypes.set(shape, made);
    return made;
  };
  const functions = Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [
      name,
      koffi.decode(addresses[declaration[0]], prototype(declaration)),
    ]),
  ) as unknown as OnnxRuntimeFunctions;
  return { functions };
}
