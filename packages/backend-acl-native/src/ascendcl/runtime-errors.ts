import { advice, errorTable } from './error-policy.js';

const { ourMistake, model, memory, fresh, hardware, installation, resources } = advice;

/** Errors of CANN's runtime: wrong calls (107000), resources (207000), the device itself (507000). */
export const runtimeErrors = [
  ...errorTable({ policy: 'refuse', advice: ourMistake }, [
    [107000, 'RT_PARAM_INVALID', 'an argument of the call is not valid'],
    [
      107001,
      'RT_INVALID_DEVICEID',
      'there is no such device',
      {
        advice:
          'Choose another device: `npu-smi info` lists them, counted from 0. ASCEND_RT_VISIBLE_DEVICES hides those that it does not name.',
      },
    ],
    [107002, 'RT_CONTEXT_NULL', 'the thread has no context'],
    [107003, 'RT_STREAM_CONTEXT', 'the stream belongs to another context'],
    [107004, 'RT_MODEL_CONTEXT', 'the model belongs to another context'],
    [107005, 'RT_STREAM_MODEL', 'the stream belongs to another model'],
    [107008, 'RT_ADDR_UNALIGNED', 'an address is not aligned'],
    [107016, 'RT_INVALID_MEMORY_TYPE', 'the type of the memory is not valid'],
    [107017, 'RT_INVALID_HANDLE', 'a handle is not valid'],
    [107018, 'RT_INVALID_MALLOC_TYPE', 'the way to allocate memory is not valid'],
    [207000, 'RT_FEATURE_NOT_SUPPORT', 'the device does not have the feature', { advice: installation }],
    [
      207003,
      'RT_AICORE_OVER_FLOW',
      'a computation overflowed',
      {
        advice:
          'Compile the model with precision fp32, and look for values that are not finite in the input.',
      },
    ],
    [
      207004,
      'RT_NO_DEVICE',
      'there is no device',
      {
        advice: `${installation} In a container pass the device in (--device /dev/davinci0 and the control devices).`,
      },
    ],
    [
      207006,
      'RT_NO_PERMISSION',
      'the user has no permission on the device',
      {
        advice:
          'Add the user to the group of the driver (HwHiAiUser by default), or in a container pass the device in (--device /dev/davinci0 and the control devices).',
      },
    ],
    [507008, 'RT_SOC_VERSION', 'the SoC is not one that the library knows', { advice: installation }],
    [
      507009,
      'RT_TASK_TYPE_NOT_SUPPORT',
      'the device does not know the type of a task',
      { advice: model, subject: 'model' },
    ],
  ]),
  ...errorTable({ policy: 'shed', advice: memory }, [
    [207001, 'RT_MEMORY_ALLOCATION', 'the device has no memory left'],
    [207005, 'RT_RESOURCE_ALLOC_FAIL', 'a resource of the device cannot be had', { advice: resources }],
    [207007, 'RT_NO_EVENT_RESOURCE', 'the device has no events left', { advice: resources }],
    [207008, 'RT_NO_STREAM_RESOURCE', 'the device has no streams left', { advice: resources }],
    [207012, 'RT_OVER_LIMIT', 'a limit of the device is exceeded', { advice: resources }],
    [207018, 'RT_DEVICE_OOM', 'the device has no memory left'],
    [507002, 'RT_STREAM_TASK_FULL', 'the stream takes no more tasks', { advice: resources }],
  ]),
  ...errorTable({ policy: 'renew', advice: fresh }, [
    [107019, 'RT_WAIT_TIMEOUT', 'the device was waited for in vain'],
    [107020, 'RT_TASK_TIMEOUT', 'a task took too long'],
    [107022, 'RT_DEVICE_TASK_ABORT', 'the tasks of the device were aborted'],
    [107023, 'RT_STREAM_ABORT', 'the stream was aborted'],
    [207002, 'RT_MEMORY_FREE', 'memory cannot be freed'],
    [507000, 'RT_INTERNAL_ERROR', 'the runtime failed'],
    [507001, 'RT_TS_ERROR', 'the task scheduler of the device failed'],
    [507010, 'RT_LOST_HEARTBEAT', 'the device no longer answers'],
    [507011, 'RT_MODEL_EXECUTE', 'the execution of the model failed'],
    [507012, 'RT_REPORT_TIMEOUT', 'the device did not report in time'],
    [507013, 'RT_SYS_DMA', 'a copy between host and device failed'],
    [507014, 'RT_AICORE_TIMEOUT', 'an AI core took too long'],
    [507015, 'RT_AICORE_EXCEPTION', 'an AI core stopped with an exception'],
    [507016, 'RT_AICORE_TRAP_EXCEPTION', 'an AI core stopped with a trap'],
    [507017, 'RT_AICPU_TIMEOUT', 'an AI CPU took too long'],
    [507018, 'RT_AICPU_EXCEPTION', 'an AI CPU stopped with an exception'],
    [
      507033,
      'RT_DEV_SETUP_ERROR',
      'the device cannot be set up: it is busy, is being reset or failed',
      {
        advice: `${resources} Then try again. If it happens again, look into the device log (\`npu-smi info\`, ~/ascend/log).`,
      },
    ],
    [507034, 'RT_VECTOR_CORE_TIMEOUT', 'a vector core took too long'],
    [507035, 'RT_VECTOR_CORE_EXCEPTION', 'a vector core stopped with an exception'],
    [507036, 'RT_VECTOR_CORE_TRAP_EXCEPTION', 'a vector core stopped with a trap'],
    [507046, 'RT_STREAM_SYNC_TIMEOUT', 'the stream was waited for in vain'],
    [507047, 'RT_EVENT_SYNC_TIMEOUT', 'an event was waited for in vain'],
    [507048, 'RT_FFTS_PLUS_TIMEOUT', 'a task of FFTS+ took too long'],
    [507049, 'RT_FFTS_PLUS_EXCEPTION', 'a task of FFTS+ stopped with an exception'],
    [507050, 'RT_FFTS_PLUS_TRAP_EXCEPTION', 'a task of FFTS+ stopped with a trap'],
    [507899, 'RT_DRV_INTERNAL_ERROR', 'the driver failed'],
    [507900, 'RT_AICPU_INTERNAL_ERROR', 'an AI CPU failed'],
    [507901, 'RT_SOCKET_CLOSE', 'the connection to the device was closed'],
  ]),
  ...errorTable({ policy: 'give-up', advice: hardware }, [
    [507053, 'RT_DEVICE_MEM_ERROR', 'the memory of the device is defective'],
    [
      507054,
      'RT_HBM_MULTI_BIT_ECC_ERROR',
      'the memory of the device has errors that cannot be corrected (ECC)',
    ],
    [507055, 'RT_SUSPECT_DEVICE_MEM_ERROR', 'the memory of the device is probably defective'],
    [507056, 'RT_LINK_ERROR', 'the link to the device is defective'],
  ]),
];
