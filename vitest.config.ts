import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Every workspace folder is a project of this one run, so that one line counts all tests. */
const projects = ['packages', 'apps', 'tooling'].flatMap((group) =>
  readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({
      extends: true as const,
      test: { name: entry.name, root: `./${group}/${entry.name}` },
    })),
);

export default defineConfig({
  test: {
    projects,
    include: ['src/**/*.test.ts', '*.test.ts'],
    pool: 'forks',
    // Most files wait for processes of their own: vitest's default would leave one of two cores idle.
    maxWorkers: availableParallelism(),
    // ONNX Runtime reports its use otherwise; @webssl/backend-cpu sets it for its users.
    // No test may reach the network; those of downloads talk to a hub on loopback and say so.
    env: { ORT_DISABLE_TELEMETRY: '1', HF_HUB_OFFLINE: '1' },
    // Tests share the machine with processes, sockets and each other: what fails once is tried again, and named at the end.
    retry: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './tooling/repository/count-reporter.mjs'],
  },
});
