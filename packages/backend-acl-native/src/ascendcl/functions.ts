/** An address in the memory of the host or the device, or a handle of the library. */
export type Pointer = bigint;

/** Where a function of the library leaves a value: an array of one element. */
export type Out<Value> = [Value];

/** The functions of AscendCL that give an error code, 0 for success. */
export interface CheckedFunctions {
  aclInit(configPath: string | null): number;
  aclFinalizeReference(count: Out<number | bigint>): number;
  aclrtGetVersion(major: Out<number>, minor: Out<number>, patch: Out<number>): number;
  aclsysGetVersionStr(packageName: string, version: Uint8Array): number;
  aclsysGetCANNVersion(packageName: number, version: Uint8Array): number;
  aclrtGetDeviceCount(count: Out<number>): number;
  aclrtSetDevice(device: number): number;
  aclrtResetDevice(device: number): number;
  aclrtCreateContext(context: Out<Pointer | null>, device: number): number;
  aclrtDestroyContext(context: Pointer): number;
  aclrtCreateStream(stream: Out<Pointer | null>): number;
  aclrtDestroyStream(stream: Pointer): number;
  aclrtSetStreamFailureMode(stream: Pointer, mode: number): number;
  aclrtSynchronizeStreamWithTimeout(stream: Pointer, milliseconds: number): number;
  aclrtCreateEvent(event: Out<Pointer | null>): number;
  aclrtDestroyEvent(event: Pointer): number;
  aclrtRecordEvent(event: Pointer, stream: Pointer): number;
  aclrtQueryEventStatus(event: Pointer, status: Out<number>): number;
  aclrtEventElapsedTime(milliseconds: Out<number>, start: Pointer, end: Pointer): number;
  aclrtMalloc(address: Out<Pointer | null>, bytes: number, policy: number): number;
  aclrtFree(address: Pointer): number;
  aclrtMallocHost(address: Out<Pointer | null>, bytes: number): number;
  aclrtFreeHost(address: Pointer): number;
  aclrtMemcpyAsync(
    to: Pointer,
    room: number,
    from: Pointer,
    bytes: number,
    kind: number,
    stream: Pointer,
  ): number;
  aclrtGetMemInfo(kind: number, free: Out<number | bigint>, total: Out<number | bigint>): number;
  aclDestroyDataBuffer(buffer: Pointer): number;
  aclmdlLoadFromFile(path: string, model: Out<number>): number;
  aclmdlUnload(model: number): number;
  aclmdlGetDesc(description: Pointer, model: number): number;
  aclmdlDestroyDesc(description: Pointer): number;
  aclmdlGetInputDims(description: Pointer, index: number, dims: Uint8Array): number;
  aclmdlGetOutputDims(description: Pointer, index: number, dims: Uint8Array): number;
  aclmdlGetCurOutputDims(description: Pointer, index: number, dims: Uint8Array): number;
  aclmdlGetDynamicBatch(description: Pointer, batches: Uint8Array): number;
  aclmdlSetDynamicBatchSize(model: number, inputs: Pointer, index: number, batch: number): number;
  aclmdlDestroyDataset(dataset: Pointer): number;
  aclmdlAddDatasetBuffer(dataset: Pointer, buffer: Pointer): number;
  aclmdlExecuteAsync(model: number, inputs: Pointer, outputs: Pointer, stream: Pointer): number;
}

/** The functions of AscendCL that give something else. */
export interface PlainFunctions {
  aclGetRecentErrMsg(): string | null;
  aclrtGetSocName(): string | null;
  aclCreateDataBuffer(address: Pointer, bytes: number): Pointer | null;
  aclmdlCreateDesc(): Pointer | null;
  aclmdlGetNumInputs(description: Pointer): number;
  aclmdlGetNumOutputs(description: Pointer): number;
  aclmdlGetInputSizeByIndex(description: Pointer, index: number): number;
  aclmdlGetOutputSizeByIndex(description: Pointer, index: number): number;
  aclmdlGetInputNameByIndex(description: Pointer, index: number): string | null;
  aclmdlGetOutputNameByIndex(description: Pointer, index: number): string | null;
  aclmdlGetInputDataType(description: Pointer, index: number): number;
  aclmdlGetOutputDataType(description: Pointer, index: number): number;
  aclmdlCreateDataset(): Pointer | null;
  webssl_ascend_simulator_version(): number;
}

/**
 * The declarations for the foreign function interface. Names, types and order are those of AscendCL in CANN 8.5: `aclError` and
 * enumerations are `int`, handles are `void *`, structures are passed as their bytes.
 */
export const declarations: Readonly<Record<keyof CheckedFunctions | keyof PlainFunctions, string>> = {
  aclInit: 'int aclInit(const char *configPath)',
  aclFinalizeReference: 'int aclFinalizeReference(_Out_ uint64_t *count)',
  aclGetRecentErrMsg: 'const char *aclGetRecentErrMsg()',
  aclrtGetVersion: 'int aclrtGetVersion(_Out_ int32_t *major, _Out_ int32_t *minor, _Out_ int32_t *patch)',
  aclsysGetVersionStr: 'int aclsysGetVersionStr(const char *packageName, void *version)',
  aclsysGetCANNVersion: 'int aclsysGetCANNVersion(int packageName, void *version)',
  aclrtGetSocName: 'const char *aclrtGetSocName()',
  aclrtGetDeviceCount: 'int aclrtGetDeviceCount(_Out_ uint32_t *count)',
  aclrtSetDevice: 'int aclrtSetDevice(int32_t device)',
  aclrtResetDevice: 'int aclrtResetDevice(int32_t device)',
  aclrtCreateContext: 'int aclrtCreateContext(_Out_ void **context, int32_t device)',
  aclrtDestroyContext: 'int aclrtDestroyContext(void *context)',
  aclrtCreateStream: 'int aclrtCreateStream(_Out_ void **stream)',
  aclrtDestroyStream: 'int aclrtDestroyStream(void *stream)',
  aclrtSetStreamFailureMode: 'int aclrtSetStreamFailureMode(void *stream, uint64_t mode)',
  aclrtSynchronizeStreamWithTimeout:
    'int aclrtSynchronizeStreamWithTimeout(void *stream, int32_t milliseconds)',
  aclrtCreateEvent: 'int aclrtCreateEvent(_Out_ void **event)',
  aclrtDestroyEvent: 'int aclrtDestroyEvent(void *event)',
  aclrtRecordEvent: 'int aclrtRecordEvent(void *event, void *stream)',
  aclrtQueryEventStatus: 'int aclrtQueryEventStatus(void *event, _Out_ int *status)',
  aclrtEventElapsedTime: 'int aclrtEventElapsedTime(_Out_ float *milliseconds, void *start, void *end)',
  aclrtMalloc: 'int aclrtMalloc(_Out_ void **address, size_t bytes, int policy)',
  aclrtFree: 'int aclrtFree(void *address)',
  aclrtMallocHost: 'int aclrtMallocHost(_Out_ void **address, size_t bytes)',
  aclrtFreeHost: 'int aclrtFreeHost(void *address)',
  aclrtMemcpyAsync:
    'int aclrtMemcpyAsync(void *to, size_t room, const void *from, size_t bytes, int kind, void *stream)',
  aclrtGetMemInfo: 'int aclrtGetMemInfo(int kind, _Out_ size_t *free, _Out_ size_t *total)',
  aclCreateDataBuffer: 'void *aclCreateDataBuffer(void *address, size_t bytes)',
  aclDestroyDataBuffer: 'int aclDestroyDataBuffer(const void *buffer)',
  aclmdlLoadFromFile: 'int aclmdlLoadFromFile(const char *path, _Out_ uint32_t *model)',
  aclmdlUnload: 'int aclmdlUnload(uint32_t model)',
  aclmdlCreateDesc: 'void *aclmdlCreateDesc()',
  aclmdlGetDesc: 'int aclmdlGetDesc(void *description, uint32_t model)',
  aclmdlDestroyDesc: 'int aclmdlDestroyDesc(void *description)',
  aclmdlGetNumInputs: 'size_t aclmdlGetNumInputs(void *description)',
  aclmdlGetNumOutputs: 'size_t aclmdlGetNumOutputs(void *description)',
  aclmdlGetInputSizeByIndex: 'size_t aclmdlGetInputSizeByIndex(void *description, size_t index)',
  aclmdlGetOutputSizeByIndex: 'size_t aclmdlGetOutputSizeByIndex(void *description, size_t index)',
  aclmdlGetInputNameByIndex: 'const char *aclmdlGetInputNameByIndex(const void *description, size_t index)',
  aclmdlGetOutputNameByIndex: 'const char *aclmdlGetOutputNameByIndex(const void *description, size_t index)',
  aclmdlGetInputDataType: 'int aclmdlGetInputDataType(const void *description, size_t index)',
  aclmdlGetOutputDataType: 'int aclmdlGetOutputDataType(const void *description, size_t index)',
  aclmdlGetInputDims: 'int aclmdlGetInputDims(const void *description, size_t index, void *dims)',
  aclmdlGetOutputDims: 'int aclmdlGetOutputDims(const void *description, size_t index, void *dims)',
  aclmdlGetCurOutputDims: 'int aclmdlGetCurOutputDims(const void *description, size_t index, void *dims)',
  aclmdlGetDynamicBatch: 'int aclmdlGetDynamicBatch(const void *description, void *batches)',
  aclmdlSetDynamicBatchSize:
    'int aclmdlSetDynamicBatchSize(uint32_t model, void *inputs, size_t index, uint64_t batch)',
  aclmdlCreateDataset: 'void *aclmdlCreateDataset()',
  aclmdlDestroyDataset: 'int aclmdlDestroyDataset(const void *dataset)',
  aclmdlAddDatasetBuffer: 'int aclmdlAddDatasetBuffer(void *dataset, void *buffer)',
  aclmdlExecuteAsync:
    'int aclmdlExecuteAsync(uint32_t model, const void *inputs, void *outputs, void *stream)',
  webssl_ascend_simulator_version: 'int webssl_ascend_simulator_version()',
};

/** Functions that some versions of the library lack, or only our simulator has. */
export const optionalFunctions = [
  'aclFinalizeReference',
  'aclrtSetStreamFailureMode',
  'aclsysGetVersionStr',
  'aclsysGetCANNVersion',
  'webssl_ascend_simulator_version',
] as const;

export type OptionalFunction = (typeof optionalFunctions)[number];
