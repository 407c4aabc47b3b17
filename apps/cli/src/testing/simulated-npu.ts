import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type AscendSimulator,
  buildAscendSimulator,
  type SimulatorConfiguration,
} from '@webssl-tooling/ascend-simulator';
import {
  buildOnnxRuntimeCann,
  type OnnxRuntimeCann,
  type OnnxRuntimeCannConfiguration,
} from '@webssl-tooling/ascend-simulator/onnxruntime-cann';

const ascend = buildAscendSimulator();
const provider = buildOnnxRuntimeCann();

/** Why there are no stand-ins on this machine, for the name of a suite; empty where there are. */
export const missing =
  'missing' in ascend
    ? ` (not here: ${ascend.missing})`
    : 'missing' in provider
      ? ` (not here: ${provider.missing})`
      : '';

/** The stand-in for AscendCL and its compiler. */
export function simulator(): AscendSimulator {
  if ('missing' in ascend) throw new Error(ascend.missing);
  return ascend.simulator;
}

function standInProvider(): OnnxRuntimeCann {
  if ('missing' in provider) throw new Error(provider.missing);
  return provider;
}

/** A machine on which nothing of CANN is found. */
export const bareMachine: NodeJS.ProcessEnv = {
  PATH: '/usr/bin:/bin',
  LD_LIBRARY_PATH: undefined,
  ACL_LIB: undefined,
  ASCEND_HOME_PATH: undefined,
  WEBSSL_ONNXRUNTIME_LIBRARY: undefined,
};

/** A machine with simulated NPUs and their compiler, for the backend acl-native. */
export function machineWithAscendCl(configuration: SimulatorConfiguration = {}): NodeJS.ProcessEnv {
  const { library, compiler, environment } = simulator();
  return {
    ...bareMachine,
    PATH: `${dirname(compiler)}:/usr/bin:/bin`,
    ACL_LIB: library,
    ...environment(configuration),
  };
}

/** A machine without AscendCL, with an ONNX Runtime that has the CANN provider, for the backend cann-onnx. */
export function machineWithProvider(configuration: OnnxRuntimeCannConfiguration = {}): NodeJS.ProcessEnv {
  const { library, environment } = standInProvider();
  return { ...bareMachine, WEBSSL_ONNXRUNTIME_LIBRARY: library, ...environment(configuration) };
}

/** Processes that were started with this in their environment and still live; zombies are none. */
export function livingProcesses(variable: string, value: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      try {
        return readFileSync(join('/proc', String(id), 'environ'), 'utf8')
          .split('\0')
          .includes(`${variable}=${value}`);
      } catch {
        return false;
      }
    });
}
