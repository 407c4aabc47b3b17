/** The worker of the build: Node 20 cannot start one from TypeScript. */
export const worker = new URL('../../dist/worker.js', import.meta.url);
