/** Codes that are no failure in their place. */
export const codes = {
  success: 0,
  repeatedInitialisation: 100002,
  noHostMemory: 200000,
  streamTimeout: 507046,
} as const;

/** Codes of a question that a library or device has no answer to: the device may well compute. */
export const notOffered: ReadonlySet<number> = new Set([100000, 107000, 200001, 200006, 207000]);

/** `ACL_STOP_ON_FAILURE`: after a task that failed no later one of its stream is executed. */
export const stopOnFailure = 1;

/** `aclrtMemcpyKind`. */
export const copyKind = { hostToDevice: 1, deviceToHost: 2 } as const;

/** `aclrtMemMallocPolicy`: huge pages where there are some. */
export const hugePagesFirst = 0;

/** `aclrtMemAttr`: devices have one or the other. */
export const memoryKind = { ddr: 0, highBandwidth: 1 } as const;

/** `aclDataType`, as far as models of this package use it. */
export const dataType = { float32: 0, float16: 1 } as const;

/** `aclrtEventRecordedStatus`: 0 stands for an event that has not happened and for one that never will, after a failure. */
export const eventComplete = 1;

/** Name of the input through which a model with several batch sizes is told the one to use. */
export const batchSizeInput = 'ascend_mbatch_shape_data';

/** `ACL_PKG_VERSION_MAX_SIZE` */
export const versionBytes = 128;
/** Size of `aclCANNPackageVersion`, which begins with the version as text. */
export const packageVersionBytes = 512;
/** `aclCANNPackageName` of CANN itself. */
export const cannPackage = 0;
