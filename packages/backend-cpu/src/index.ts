export { availableThreads } from './available-threads.js';
export { type CpuOptions, cpu } from './cpu.js';
export type { CpuMode } from './session-setup.js';
