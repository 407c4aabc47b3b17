/** What this project promises: of the reference model on two cores, and of a download whatever the model is. */
export const bounds = {
  /** Times the reference Python's, first embedding from process start. */
  firstOfPython: 0.45,
  /** Seconds, where no Python is there to compare with. */
  firstSeconds: 2.7,
  /** All processes together, decimal gigabytes. */
  residentGigabytes: 3.0,
  /** Times the bytes of the weights: a copy would be 1. */
  writtenOfWeights: 0.01,
  /** Times PyTorch's, one image. */
  steadyOfPython: 0.92,
  /** In int8 with VNNI: times PyTorch's in FP32, one image. */
  int8OfPython: 0.34,
  /** Of `last_hidden_state` in int8 against FP32. */
  int8Nmse: 0.003,
  /** In int8 with VNNI: times the reference Python's, first embedding from process start. */
  int8FirstOfPython: 0.3,
  /** The NMSE that `webssl tune` keeps by default, of `last_hidden_state` and of CLS. */
  tunedNmse: 0.005,
  /** CLS alone in FP32, times the full state. */
  clsOfFullState: 0.98,
  /** Photographs from their files, times prepared images: images a second. */
  photographsOfModel: 0.97,
  /** Operations per second, times what the runtime's own matrix product reaches. */
  rateOfMatmul: 0.8,
  /** Times the reference processor's. */
  preprocessingOfPython: 1,
  /** Times decoding alone, where no Python is there to compare with: 38 ms of the reference where decoding takes 20. */
  preprocessingOfDecoding: 1.9,
  eventLoopMilliseconds: 20,
  /** Bytes per second from loopback, times the slower of writing them to the disk, synced, and hashing them. */
  downloadOfSlower: 0.8,
  /** More than the idle process has, decimal megabytes, whatever the file's size. */
  downloadMegabytes: 150,
  /** Share of the time in which a device computes that takes 8 ms an image, from image files. */
  ascendBusy: 0.97,
  /** Of a batch of eight images on a device, beside its own copies and its execution. */
  ascendBatchMilliseconds: 1.5,
  /** Images a second over HTTP, times what the encoder alone reaches on the same files. */
  serverOfEncoder: 0.97,
  /** 99th percentile of GET /livez while the device is saturated. */
  livezMilliseconds: 20,
  /** Growth of all processes of the server at twice the capacity, decimal megabytes a minute. */
  serverMegabytesPerMinute: 3,
} as const;
