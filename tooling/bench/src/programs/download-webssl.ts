/** A model into an empty cache, as `webssl models pull` does it: a program for `Contender` with the task `download`. */
import { pullModel } from '@webssl/registry';
import { programArguments } from '../program-arguments.js';
import { serveTasks, timed } from '../serve-tasks.js';

const { model, endpoint, cache, connections } = programArguments('model', 'endpoint', 'cache', 'connections');

await serveTasks({
  download: timed(() =>
    pullModel(model, {
      endpoint,
      hubCacheFolder: cache,
      connections: Number(connections),
      token: false,
      offline: false,
    }),
  ),
});
