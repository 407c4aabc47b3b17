/** What the runtime's own matrix product reaches: a program for `Contender` with one task for each product of a model. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { modelProducts } from '../model-products.js';
import { chainModel, chainOperations, type ProductChain } from '../product-chain.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks, type Task } from '../serve-tasks.js';

const parameters = programArguments('tokens', 'hidden-size', 'feed-forward-size', 'threads');

const secondsOfOneTask = 0.4;

/** Keeps the size of what is multiplied: tiny numbers would be slow, and huge ones infinite. */
function weights(_position: number, from: number, to: number): Float32Array {
  const size = Math.sqrt(1 / from);
  return Float32Array.from({ length: from * to }, (_, index) => (index % 7 < 3 ? size : -size));
}

async function rate(chain: ProductChain): Promise<Task> {
  const session = await InferenceSession.create(chainModel(chain, weights), {
    intraOpNumThreads: Number(parameters.threads),
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const [columns = 0] = chain.widths;
  const x = new Tensor('float32', weights(0, columns, chain.rows), [chain.rows, columns]);
  const operations = chainOperations(chain);
  return async () => {
    await session.run({ x });
    const started = performance.now();
    let runs = 0;
    let seconds = 0;
    while (seconds < secondsOfOneTask) {
      await session.run({ x });
      runs++;
      seconds = (performance.now() - started) / 1000;
    }
    return { operationsPerSecond: (runs * operations) / seconds };
  };
}

const products = modelProducts({
  tokens: Number(parameters.tokens),
  hiddenSize: Number(parameters['hidden-size']),
  feedForwardSize: Number(parameters['feed-forward-size']),
});
const tasks: Record<string, Task> = {};
for (const { name, chain } of products) tasks[name] = await rate(chain);
await serveTasks(tasks);
