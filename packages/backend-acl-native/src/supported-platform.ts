import { WebsslError } from '@webssl/backend';

const architectures = ['x64', 'arm64'];

/** Why no Ascend NPU can be driven on this platform, before anything native is touched; undefined where one can. */
export function platformProblem(
  platform: string = process.platform,
  architecture: string = process.arch,
): WebsslError | undefined {
  if (platform === 'linux' && architectures.includes(architecture)) return undefined;
  const advice = 'Run it on Linux with an NPU, or choose another backend, such as cpu.';
  return new WebsslError({
    code: 'BACKEND_LIBRARY_MISSING',
    message: `Ascend NPUs are driven on Linux only (${architectures.join(' and ')}), not on ${platform} (${architecture}). ${advice}`,
    details: { advice, problem: 'platform', platform, architecture },
  });
}
