import { fileURLToPath } from 'node:url';

/** From `src/` and from `dist/` alike. */
const tool = new URL('../', import.meta.url);

/** The command line program of this repository. */
export const commandLine = fileURLToPath(new URL('../../apps/cli/bin/webssl.mjs', tool));

/** The server program of this repository. */
export const serverProgram = fileURLToPath(new URL('../../apps/server/bin/webssl-server.mjs', tool));

/** A rocket launch (CC0). */
export const examplePhotograph = fileURLToPath(new URL('../../apps/cli/assets/rocket.jpg', tool));

/** A vision transformer of 4 layers, 64 wide, for images of 224 x 224, with seeded random weights. */
export const tinyCheckpoint = fileURLToPath(new URL('../fixtures/golden/checkpoints/vit-tiny-p14', tool));

export const pythonReference = fileURLToPath(new URL('peers/reference.py', tool));

export const pythonHubClient = fileURLToPath(new URL('peers/hub_client.py', tool));

/** The hub on loopback, as `@webssl-tooling/hub-double` builds it. */
export const hubDouble = fileURLToPath(new URL('../hub-double/dist/program.js', tool));

/** A program that the build makes of `src/programs`. */
export function builtProgram(name: string): string {
  return fileURLToPath(new URL(`dist/${name}.js`, tool));
}
