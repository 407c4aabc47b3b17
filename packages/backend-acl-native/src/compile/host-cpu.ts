/** Processors that CANN runs on, as Node names them. */
export type HostCpu = 'x64' | 'arm64';

/** The processor of this machine. */
export function ownHostCpu(): HostCpu {
  return process.arch === 'arm64' ? 'arm64' : 'x64';
}

const compilerNames: Readonly<Record<HostCpu, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What tells the compiler about the machine that is going to run the model: it may be another one than its own. */
export function hostArguments(cpu: HostCpu): readonly string[] {
  return ['--host_env_os=linux', `--host_env_cpu=${compilerNames[cpu]}`];
}

/** The processor that a compiler was told with {@link hostArguments}; undefined where it was told none. */
export function hostCpuOf(command: readonly string[]): HostCpu | undefined {
  return (['x64', 'arm64'] as const).find((cpu) =>
    hostArguments(cpu).every((word) => command.includes(word)),
  );
}
