export type { AscendSimulator, SimulatorConfiguration, SimulatorCounters } from './simulator.js';
