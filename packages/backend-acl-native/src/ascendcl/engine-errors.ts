import { advice, errorTable } from './error-policy.js';

const { ourMistake, model, memory, fresh } = advice;

/** Errors of CANN's graph engine, which loads and executes models: wrong calls (145000), memory (245000), failures (545000). */
export const engineErrors = [
  ...errorTable({ policy: 'refuse', advice: model, subject: 'model' }, [
    [145000, 'GE_PARAM_INVALID', 'an argument of the call does not fit the model'],
    [145001, 'GE_EXEC_NOT_INIT', 'the executor is not initialised', { advice: ourMistake }],
    [145002, 'GE_EXEC_MODEL_PATH_INVALID', 'the file of the model is not there or cannot be opened'],
    [145003, 'GE_EXEC_MODEL_ID_INVALID', 'there is no model with this id', { advice: ourMistake }],
    [145006, 'GE_EXEC_MODEL_DATA_SIZE_INVALID', 'the file is no offline model, or is cut short'],
    [145007, 'GE_EXEC_MODEL_ADDR_INVALID', 'the address of the model is not valid', { advice: ourMistake }],
    [145009, 'GE_EXEC_LOAD_MODEL_REPEATED', 'the model is loaded already', { advice: ourMistake }],
    [
      145011,
      'GE_DYNAMIC_INPUT_ADDR_INVALID',
      'the address of the buffer for the batch size is not valid',
      { advice: ourMistake },
    ],
    [
      145012,
      'GE_DYNAMIC_INPUT_LENGTH_INVALID',
      'the buffer for the batch size is too small',
      { advice: ourMistake },
    ],
    [145013, 'GE_DYNAMIC_BATCH_SIZE_INVALID', 'the model was not compiled for this batch size'],
    [145014, 'GE_AIPP_BATCH_EMPTY', 'the batch of AIPP is empty'],
    [145015, 'GE_AIPP_NOT_EXIST', 'the model has no AIPP'],
    [145016, 'GE_AIPP_MODE_INVALID', 'the mode of AIPP is not valid'],
    [145020, 'GE_FORMAT_INVALID', 'the layout of a tensor is not valid'],
    [145021, 'GE_SHAPE_INVALID', 'the shape of a tensor is not valid'],
    [145022, 'GE_DATATYPE_INVALID', 'the number format of a tensor is not valid'],
    [545001, 'GE_LOAD_MODEL', 'the model cannot be loaded'],
    [545002, 'GE_EXEC_LOAD_MODEL_PARTITION_FAILED', 'the graph in the model cannot be loaded'],
    [545003, 'GE_EXEC_LOAD_WEIGHT_PARTITION_FAILED', 'the weights of the model cannot be loaded'],
    [545004, 'GE_EXEC_LOAD_TASK_PARTITION_FAILED', 'the tasks of the model cannot be loaded'],
    [545005, 'GE_EXEC_LOAD_KERNEL_PARTITION_FAILED', 'the kernels of the model cannot be loaded'],
  ]),
  ...errorTable({ policy: 'shed', advice: memory }, [
    [245000, 'GE_MEMORY_ALLOCATION', 'memory cannot be allocated'],
  ]),
  ...errorTable({ policy: 'renew', advice: fresh }, [
    [245001, 'GE_MEMORY_OPERATE_FAILED', 'memory of the host cannot be used'],
    [245002, 'GE_DEVICE_MEMORY_OPERATE_FAILED', 'memory of the device cannot be used'],
    [545000, 'GE_INTERNAL_ERROR', 'the graph engine failed'],
    [545006, 'GE_EXEC_RELEASE_MODEL_DATA', 'the data of the model cannot be released'],
    [545007, 'GE_COMMAND_HANDLE', 'a command of the graph engine failed'],
    [545008, 'GE_GET_TENSOR_INFO', 'the graph engine knows nothing of a tensor'],
    [545009, 'GE_UNLOAD_MODEL', 'the model cannot be unloaded'],
    [545601, 'GE_MODEL_EXECUTE_TIMEOUT', 'the execution of the model took too long'],
  ]),
];
