/** What a simulated machine is like. All of it reaches the libraries through environment variables, read by `aclInit`. */
export interface SimulatorConfiguration {
  /** Number of NPUs. Default 1. */
  readonly devices?: number;
  /** What `aclrtGetSocName` says. Default `Ascend910B4`; `none` on a machine without a driver, where `aclInit` returns 500000. */
  readonly soc?: string;
  /** Memory of one device, in bytes. Default 1 GiB. */
  readonly memoryBytes?: number;
  /** How inputs and outputs of an execution are rounded besides what `atc` made of the weights. Default none. */
  readonly rounding?: 'none' | 'fp16' | 'hf32';
  /** Shortest time that the execution of one image takes on the device, in milliseconds. Default 0. */
  readonly imageMilliseconds?: number;
  /** Bandwidth of the simulated bus in gigabytes a second. Default: as fast as memory. */
  readonly busGigabytesPerSecond?: number;
  /** Nothing is computed: every output value of an image is its first pixel value. */
  readonly stubComputation?: boolean;
  /**
   * Faults by plan: `<place>[#<n>]=<action>`, separated by semicolons. The place is a function of AscendCL, `aclrtSetDevice@<device>`
   * or `aclrtGetMemInfo@<device>` for one device alone, or `task.copy` and `task.execute` for what runs on a stream; `#<n>` its n-th
   * use in the process, counted from 1 (default 1), `#*` every use. The action is an error code, `hang`, `crash` (a segmentation
   * fault) or `delay:<milliseconds>`.
   */
  readonly faults?: string;
  /** A folder in which every process that uses the library leaves `<process id>.txt` with its counters. */
  readonly counters?: string;
  /** Behaves like the link-time stub of CANN: `aclInit` returns 100039. */
  readonly stubLibrary?: boolean;
  /** `atc` multiplies the weights whose name contains this by 1.5: a compiler that gets a layer wrong. */
  readonly wrongWeights?: string;
  /**
   * What goes wrong when `atc` runs: it refuses (E19999), it never ends, it is killed when half of the offline model is written
   * (as when memory runs out), or it writes half of it and reports success (as on a full disk).
   */
  readonly compilerFault?: 'fail' | 'hang' | 'half-output' | 'truncated';
}

/** The compiled stand-ins. */
export interface AscendSimulator {
  /** Path of `libascendcl.so`. */
  readonly library: string;
  /** Path of `atc`. */
  readonly compiler: string;
  /** The environment variables of a configuration, those of an earlier one unset included. */
  environment(configuration?: SimulatorConfiguration): Readonly<Record<string, string | undefined>>;
}

/** What a process held and did, as the library counted it. All `open*` are 0 after a clean end. */
export interface SimulatorCounters {
  readonly processId: number;
  readonly openDeviceAllocations: number;
  readonly openDeviceBytes: number;
  readonly openHostAllocations: number;
  readonly openStreams: number;
  readonly openEvents: number;
  readonly openContexts: number;
  readonly openModels: number;
  readonly openDescriptions: number;
  readonly openDatasets: number;
  readonly openDataBuffers: number;
  /** References of `aclInit` that were not given back. */
  readonly initialisations: number;
  /** Devices set and not reset. */
  readonly openDevices: number;
  readonly executions: number;
  readonly executedImages: number;
  /** Nanoseconds that device 0 computed, and those from the begin of its first to the end of its last execution. */
  readonly busyNanoseconds: number;
  readonly spanNanoseconds: number;
  readonly peakDeviceBytes: number;
}
