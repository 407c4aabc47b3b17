// The error codes of AscendCL that the simulator gives, by their documented names.
#pragma once

namespace simulator::code {

constexpr int success = 0;

constexpr int invalidParameter = 100000;
constexpr int uninitialized = 100001;
constexpr int repeatInitialize = 100002;
constexpr int invalidFile = 100003;
constexpr int parseFile = 100006;
constexpr int modelNotDynamic = 100019;
constexpr int repeatFinalize = 100037;
constexpr int compilingStubMode = 100039;
constexpr int internalError = 500000;
constexpr int geFailure = 500002;

constexpr int rtParameterInvalid = 107000;
constexpr int rtInvalidDeviceId = 107001;
constexpr int rtContextNull = 107002;
constexpr int rtStreamContext = 107003;
constexpr int rtModelContext = 107004;
constexpr int rtAddressUnaligned = 107008;
constexpr int rtInvalidHandle = 107017;
constexpr int rtFeatureNotSupported = 207000;
constexpr int rtMemoryAllocation = 207001;
constexpr int rtMemoryFree = 207002;
constexpr int rtSocVersion = 507008;
constexpr int rtLostHeartbeat = 507010;
constexpr int rtModelExecute = 507011;
constexpr int rtDmaError = 507013;
constexpr int rtAiCoreTimeout = 507014;
constexpr int rtAiCoreException = 507015;
constexpr int rtAiCpuException = 507018;
constexpr int rtStreamSyncTimeout = 507046;
constexpr int rtDeviceMemoryError = 507053;
constexpr int rtMultiBitEccError = 507054;
constexpr int rtDriverInternalError = 507899;

constexpr int geModelPathInvalid = 145002;
constexpr int geModelIdInvalid = 145003;
constexpr int geModelDataSizeInvalid = 145006;
constexpr int geDynamicInputAddressInvalid = 145011;
constexpr int geDynamicInputLengthInvalid = 145012;
constexpr int geDynamicBatchSizeInvalid = 145013;
constexpr int geMemoryAllocation = 245000;
constexpr int geDeviceMemoryOperateFailed = 245002;
constexpr int geUnloadModel = 545009;

}  // namespace simulator::code
