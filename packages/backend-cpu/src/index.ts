export { type CpuOptions, cpu } from './cpu.js';
export type { CpuMode } from './session-setup.js';
