import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const entry = new URL('../dist/index.js', import.meta.url).href;

/** Opens a session and computes an image with the built package. */
const program = (isolation: string) => `
  import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
  import { cpu } from '${entry}';
  const session = await cpu({ isolation: '${isolation}' }).open(fixtureModel(), {
    size: { height: 12, width: 12 },
    outputs: ['last_hidden_state'],
  });
  await session.run(fixturePixels([0]));
  await session.close();
`;

it.each(['process', 'thread'])('the runtime leaves nothing in the home folder (%s)', (isolation) => {
  const home = mkdtempSync(join(tmpdir(), 'backend-cpu-home-'));
  try {
    const { XDG_CACHE_HOME: _cache, ORT_DISABLE_TELEMETRY: _telemetry, ...inherited } = process.env;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program(isolation)],
      {
        cwd: import.meta.dirname,
        env: { ...inherited, HOME: home },
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(home)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true });
  }
});
