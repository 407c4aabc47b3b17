import { fileURLToPath } from 'node:url';
import { writeFixture } from './fixture.mjs';

const folder = fileURLToPath(new URL('../../../packages/backend/fixture', import.meta.url));
await writeFixture(folder);
console.log(`written: ${folder}`);
