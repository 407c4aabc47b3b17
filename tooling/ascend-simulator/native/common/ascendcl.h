// The part of AscendCL's C interface that the simulator has: own declarations of names, numbers and layouts.
#pragma once

#include <cstddef>
#include <cstdint>

#define ASCENDCL_EXPORT extern "C" __attribute__((visibility("default")))

using aclError = int;
using aclrtContext = void *;
using aclrtStream = void *;
using aclrtEvent = void *;
using aclFloat16 = std::uint16_t;

struct aclDataBuffer;
struct aclmdlDataset;
struct aclmdlDesc;
struct aclmdlConfigHandle;
struct aclmdlExecConfigHandle;

enum aclDataType : int {
  ACL_DT_UNDEFINED = -1,
  ACL_FLOAT = 0,
  ACL_FLOAT16 = 1,
  ACL_INT8 = 2,
  ACL_INT32 = 3,
  ACL_UINT8 = 4,
  ACL_INT16 = 6,
  ACL_UINT16 = 7,
  ACL_UINT32 = 8,
  ACL_INT64 = 9,
  ACL_UINT64 = 10,
  ACL_DOUBLE = 11,
  ACL_BOOL = 12,
  ACL_BF16 = 27,
};

enum aclFormat : int { ACL_FORMAT_UNDEFINED = -1, ACL_FORMAT_NCHW = 0, ACL_FORMAT_ND = 2 };

enum aclrtMemcpyKind : int {
  ACL_MEMCPY_HOST_TO_HOST = 0,
  ACL_MEMCPY_HOST_TO_DEVICE = 1,
  ACL_MEMCPY_DEVICE_TO_HOST = 2,
  ACL_MEMCPY_DEVICE_TO_DEVICE = 3,
  ACL_MEMCPY_DEFAULT = 4,
  ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE = 5,
  ACL_MEMCPY_INNER_DEVICE_TO_DEVICE = 6,
  ACL_MEMCPY_INTER_DEVICE_TO_DEVICE = 7,
};

enum aclrtMemAttr : int { ACL_DDR_MEM = 0, ACL_HBM_MEM = 1 };
enum aclrtRunMode : int { ACL_DEVICE = 0, ACL_HOST = 1 };
enum aclrtEventRecordedStatus : int {
  ACL_EVENT_RECORDED_STATUS_NOT_READY = 0,
  ACL_EVENT_RECORDED_STATUS_COMPLETE = 1,
};

enum aclmdlConfigAttr : int {
  ACL_MDL_PRIORITY_INT32 = 0,
  ACL_MDL_LOAD_TYPE_SIZET = 1,
  ACL_MDL_PATH_PTR = 2,
  ACL_MDL_MEM_ADDR_PTR = 3,
  ACL_MDL_MEM_SIZET = 4,
  ACL_MDL_WEIGHT_ADDR_PTR = 5,
  ACL_MDL_WEIGHT_SIZET = 6,
  ACL_MDL_WORKSPACE_ADDR_PTR = 7,
  ACL_MDL_WORKSPACE_SIZET = 8,
  ACL_MDL_WORKSPACE_MEM_OPTIMIZE = 13,
  ACL_MDL_WEIGHT_PATH_PTR = 14,
};

enum : std::size_t {
  ACL_MDL_LOAD_FROM_FILE = 1,
  ACL_MDL_LOAD_FROM_FILE_WITH_MEM = 2,
  ACL_MDL_LOAD_FROM_MEM = 3,
  ACL_MDL_LOAD_FROM_MEM_WITH_MEM = 4,
};

constexpr std::size_t ACL_MAX_DIM_CNT = 128;
constexpr const char *ACL_DYNAMIC_TENSOR_NAME = "ascend_mbatch_shape_data";

struct aclmdlIODims {
  char name[128];
  std::size_t dimCount;
  std::int64_t dims[ACL_MAX_DIM_CNT];
};
static_assert(sizeof(aclmdlIODims) == 1160);

struct aclmdlBatch {
  std::size_t batchCount;
  std::uint64_t batch[128];
};
static_assert(sizeof(aclmdlBatch) == 1032);

struct aclrtUtilizationInfo {
  std::int32_t cubeUtilization;
  std::int32_t vectorUtilization;
  std::int32_t aicpuUtilization;
  std::int32_t memoryUtilization;
  void *utilizationExtend;
};
static_assert(sizeof(aclrtUtilizationInfo) == 24);

struct aclCANNPackageVersion {
  char version[128];
  char majorVersion[64];
  char minorVersion[64];
  char releaseVersion[64];
  char patchVersion[64];
  char reserved[128];
};
static_assert(sizeof(aclCANNPackageVersion) == 512);

// Library, errors, versions
ASCENDCL_EXPORT aclError aclInit(const char *configPath);
ASCENDCL_EXPORT aclError aclFinalize();
ASCENDCL_EXPORT aclError aclFinalizeReference(std::uint64_t *references);
ASCENDCL_EXPORT const char *aclGetRecentErrMsg();
ASCENDCL_EXPORT aclError aclrtGetVersion(std::int32_t *major, std::int32_t *minor, std::int32_t *patch);
ASCENDCL_EXPORT const char *aclrtGetSocName();
ASCENDCL_EXPORT aclError aclsysGetCANNVersion(int package, aclCANNPackageVersion *version);
ASCENDCL_EXPORT aclError aclsysGetVersionStr(char *package, char *version);
ASCENDCL_EXPORT aclError aclsysGetVersionNum(char *package, std::int32_t *version);
ASCENDCL_EXPORT aclError aclrtPeekAtLastError(int level);
ASCENDCL_EXPORT aclError aclrtGetLastError(int level);

// Devices and contexts
ASCENDCL_EXPORT aclError aclrtGetDeviceCount(std::uint32_t *count);
ASCENDCL_EXPORT aclError aclrtSetDevice(std::int32_t device);
ASCENDCL_EXPORT aclError aclrtGetDevice(std::int32_t *device);
ASCENDCL_EXPORT aclError aclrtResetDevice(std::int32_t device);
ASCENDCL_EXPORT aclError aclrtResetDeviceForce(std::int32_t device);
ASCENDCL_EXPORT aclError aclrtGetRunMode(aclrtRunMode *mode);
ASCENDCL_EXPORT aclError aclrtCreateContext(aclrtContext *context, std::int32_t device);
ASCENDCL_EXPORT aclError aclrtDestroyContext(aclrtContext context);
ASCENDCL_EXPORT aclError aclrtSetCurrentContext(aclrtContext context);
ASCENDCL_EXPORT aclError aclrtGetCurrentContext(aclrtContext *context);
ASCENDCL_EXPORT aclError aclrtSetOpExecuteTimeOut(std::uint32_t seconds);
ASCENDCL_EXPORT aclError aclrtGetDeviceUtilizationRate(std::int32_t device, aclrtUtilizationInfo *info);

// Streams and events
ASCENDCL_EXPORT aclError aclrtCreateStream(aclrtStream *stream);
ASCENDCL_EXPORT aclError aclrtCreateStreamWithConfig(aclrtStream *stream, std::uint32_t priority, std::uint32_t flag);
ASCENDCL_EXPORT aclError aclrtDestroyStream(aclrtStream stream);
ASCENDCL_EXPORT aclError aclrtDestroyStreamForce(aclrtStream stream);
ASCENDCL_EXPORT aclError aclrtSetStreamFailureMode(aclrtStream stream, std::uint64_t mode);
ASCENDCL_EXPORT aclError aclrtSynchronizeStream(aclrtStream stream);
ASCENDCL_EXPORT aclError aclrtSynchronizeStreamWithTimeout(aclrtStream stream, std::int32_t milliseconds);
ASCENDCL_EXPORT aclError aclrtSynchronizeDevice();
ASCENDCL_EXPORT aclError aclrtCreateEvent(aclrtEvent *event);
ASCENDCL_EXPORT aclError aclrtDestroyEvent(aclrtEvent event);
ASCENDCL_EXPORT aclError aclrtRecordEvent(aclrtEvent event, aclrtStream stream);
ASCENDCL_EXPORT aclError aclrtQueryEventStatus(aclrtEvent event, aclrtEventRecordedStatus *status);
ASCENDCL_EXPORT aclError aclrtSynchronizeEvent(aclrtEvent event);
ASCENDCL_EXPORT aclError aclrtEventElapsedTime(float *milliseconds, aclrtEvent start, aclrtEvent end);

// Memory
ASCENDCL_EXPORT aclError aclrtMalloc(void **address, std::size_t size, int policy);
ASCENDCL_EXPORT aclError aclrtMallocAlign32(void **address, std::size_t size, int policy);
ASCENDCL_EXPORT aclError aclrtFree(void *address);
ASCENDCL_EXPORT aclError aclrtMallocHost(void **address, std::size_t size);
ASCENDCL_EXPORT aclError aclrtFreeHost(void *address);
ASCENDCL_EXPORT aclError aclrtMemcpy(void *destination, std::size_t destinationSize, const void *source,
                                     std::size_t count, aclrtMemcpyKind kind);
ASCENDCL_EXPORT aclError aclrtMemcpyAsync(void *destination, std::size_t destinationSize, const void *source,
                                          std::size_t count, aclrtMemcpyKind kind, aclrtStream stream);
ASCENDCL_EXPORT aclError aclrtMemset(void *address, std::size_t size, std::int32_t value, std::size_t count);
ASCENDCL_EXPORT aclError aclrtMemsetAsync(void *address, std::size_t size, std::int32_t value, std::size_t count,
                                          aclrtStream stream);
ASCENDCL_EXPORT aclError aclrtGetMemInfo(aclrtMemAttr kind, std::size_t *free, std::size_t *total);
ASCENDCL_EXPORT aclDataBuffer *aclCreateDataBuffer(void *address, std::size_t size);
ASCENDCL_EXPORT aclError aclDestroyDataBuffer(const aclDataBuffer *buffer);
ASCENDCL_EXPORT aclError aclUpdateDataBuffer(aclDataBuffer *buffer, void *address, std::size_t size);
ASCENDCL_EXPORT void *aclGetDataBufferAddr(const aclDataBuffer *buffer);
ASCENDCL_EXPORT std::uint32_t aclGetDataBufferSize(const aclDataBuffer *buffer);
ASCENDCL_EXPORT std::size_t aclGetDataBufferSizeV2(const aclDataBuffer *buffer);
ASCENDCL_EXPORT std::size_t aclDataTypeSize(aclDataType type);
ASCENDCL_EXPORT aclFloat16 aclFloatToFloat16(float value);
ASCENDCL_EXPORT float aclFloat16ToFloat(aclFloat16 value);

// Models
ASCENDCL_EXPORT aclError aclmdlQuerySize(const char *path, std::size_t *workSize, std::size_t *weightSize);
ASCENDCL_EXPORT aclError aclmdlLoadFromFile(const char *path, std::uint32_t *model);
ASCENDCL_EXPORT aclError aclmdlLoadFromMem(const void *data, std::size_t size, std::uint32_t *model);
ASCENDCL_EXPORT aclError aclmdlLoadFromFileWithMem(const char *path, std::uint32_t *model, void *work,
                                                   std::size_t workSize, void *weights, std::size_t weightSize);
ASCENDCL_EXPORT aclError aclmdlLoadFromMemWithMem(const void *data, std::size_t size, std::uint32_t *model, void *work,
                                                  std::size_t workSize, void *weights, std::size_t weightSize);
ASCENDCL_EXPORT aclmdlConfigHandle *aclmdlCreateConfigHandle();
ASCENDCL_EXPORT aclError aclmdlDestroyConfigHandle(aclmdlConfigHandle *handle);
ASCENDCL_EXPORT aclError aclmdlSetConfigOpt(aclmdlConfigHandle *handle, aclmdlConfigAttr attribute, const void *value,
                                            std::size_t valueSize);
ASCENDCL_EXPORT aclError aclmdlSetExternalWeightAddress(aclmdlConfigHandle *handle, const char *fileName, void *address,
                                                        std::size_t size);
ASCENDCL_EXPORT aclError aclmdlLoadWithConfig(const aclmdlConfigHandle *handle, std::uint32_t *model);
ASCENDCL_EXPORT aclError aclmdlUnload(std::uint32_t model);

// Descriptions
ASCENDCL_EXPORT aclmdlDesc *aclmdlCreateDesc();
ASCENDCL_EXPORT aclError aclmdlDestroyDesc(aclmdlDesc *description);
ASCENDCL_EXPORT aclError aclmdlGetDesc(aclmdlDesc *description, std::uint32_t model);
ASCENDCL_EXPORT aclError aclmdlGetDescFromFile(aclmdlDesc *description, const char *path);
ASCENDCL_EXPORT std::size_t aclmdlGetNumInputs(aclmdlDesc *description);
ASCENDCL_EXPORT std::size_t aclmdlGetNumOutputs(aclmdlDesc *description);
ASCENDCL_EXPORT std::size_t aclmdlGetInputSizeByIndex(aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT std::size_t aclmdlGetOutputSizeByIndex(aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT aclError aclmdlGetInputDims(const aclmdlDesc *description, std::size_t index, aclmdlIODims *dims);
ASCENDCL_EXPORT aclError aclmdlGetInputDimsV2(const aclmdlDesc *description, std::size_t index, aclmdlIODims *dims);
ASCENDCL_EXPORT aclError aclmdlGetOutputDims(const aclmdlDesc *description, std::size_t index, aclmdlIODims *dims);
ASCENDCL_EXPORT aclError aclmdlGetCurOutputDims(const aclmdlDesc *description, std::size_t index, aclmdlIODims *dims);
ASCENDCL_EXPORT aclDataType aclmdlGetInputDataType(const aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT aclDataType aclmdlGetOutputDataType(const aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT aclFormat aclmdlGetInputFormat(const aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT aclFormat aclmdlGetOutputFormat(const aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT const char *aclmdlGetInputNameByIndex(const aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT const char *aclmdlGetOutputNameByIndex(const aclmdlDesc *description, std::size_t index);
ASCENDCL_EXPORT aclError aclmdlGetInputIndexByName(const aclmdlDesc *description, const char *name, std::size_t *index);
ASCENDCL_EXPORT aclError aclmdlGetOutputIndexByName(const aclmdlDesc *description, const char *name,
                                                    std::size_t *index);
ASCENDCL_EXPORT const char *aclmdlGetTensorRealName(const aclmdlDesc *description, const char *name);
ASCENDCL_EXPORT aclError aclmdlGetDynamicBatch(const aclmdlDesc *description, aclmdlBatch *batch);

// Data sets and execution
ASCENDCL_EXPORT aclmdlDataset *aclmdlCreateDataset();
ASCENDCL_EXPORT aclError aclmdlDestroyDataset(const aclmdlDataset *dataset);
ASCENDCL_EXPORT aclError aclmdlAddDatasetBuffer(aclmdlDataset *dataset, aclDataBuffer *buffer);
ASCENDCL_EXPORT std::size_t aclmdlGetDatasetNumBuffers(const aclmdlDataset *dataset);
ASCENDCL_EXPORT aclDataBuffer *aclmdlGetDatasetBuffer(const aclmdlDataset *dataset, std::size_t index);
ASCENDCL_EXPORT aclError aclmdlSetDynamicBatchSize(std::uint32_t model, aclmdlDataset *dataset, std::size_t index,
                                                   std::uint64_t batchSize);
ASCENDCL_EXPORT aclError aclmdlExecute(std::uint32_t model, const aclmdlDataset *input, aclmdlDataset *output);
ASCENDCL_EXPORT aclError aclmdlExecuteAsync(std::uint32_t model, const aclmdlDataset *input, aclmdlDataset *output,
                                            aclrtStream stream);
ASCENDCL_EXPORT aclError aclmdlExecuteV2(std::uint32_t model, const aclmdlDataset *input, aclmdlDataset *output,
                                         aclrtStream stream, const aclmdlExecConfigHandle *handle);

// Not part of AscendCL: who finds this function is talking to the simulator.
ASCENDCL_EXPORT int webssl_ascend_simulator_version();
