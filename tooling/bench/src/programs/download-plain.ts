/** A file of the hub over one connection, looked at by nobody: a program for `Contender` with the task `download`. */
import { Agent, interceptors, request } from 'undici';
import { programArguments } from '../program-arguments.js';
import { serveTasks, timed } from '../serve-tasks.js';

const { address, bytes } = programArguments('address', 'bytes');

const dispatcher = new Agent().compose(interceptors.redirect({ maxRedirections: 1 }));

async function download(): Promise<void> {
  const { statusCode, body } = await request(address, { dispatcher });
  let received = 0;
  for await (const chunk of body) received += chunk.length;
  if (statusCode !== 200 || received !== Number(bytes))
    throw new Error(`${address}: status ${statusCode}, ${received} bytes instead of ${bytes}`);
}

await serveTasks({ download: timed(download) });
await dispatcher.close();
