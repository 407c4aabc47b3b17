export { buildAscendSimulator } from './build.js';
export { readCounters } from './counters.js';
export type { AscendSimulator, SimulatorConfiguration, SimulatorCounters } from './simulator.js';
