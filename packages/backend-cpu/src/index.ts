export { availableThreads } from './available-threads.js';
export { type CpuOptions, cpu } from './cpu.js';
export type { GraphRun } from './graph-job.js';
export { createGraphRunner, type GraphRunner, type GraphRunnerOptions } from './graph-runner.js';
export { cpuName } from './probe-cpu.js';
export type { CpuMode } from './session-setup.js';
export { weightBits } from './weight-bits.js';
