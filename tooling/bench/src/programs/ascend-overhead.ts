/**
 * An encoder on the simulated NPU, whose executions take a fixed time and compute nothing: what is left is this project's own
 * part. A program for `Contender`.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackendSession, RunTiming } from '@webssl/backend';
import { loadEncoder, openModel, resolveDevice } from '@webssl/encoder';
import { median } from '@webssl/metrics';
import { readCounters } from '@webssl-tooling/ascend-simulator';
import { programArguments } from '../program-arguments.js';
import { serveTasks } from '../serve-tasks.js';

const batch = 8;
const repeats = 60;

const { model, images, counters, ...given } = programArguments('model', 'images', 'isolation', 'counters');
const isolation = given.isolation === 'thread' ? 'thread' : 'process';
const files = (await readdir(images)).map((name) => join(images, name));

/**
 * Share of the time in which the device computed, from image files to CLS vectors: from the begin of its first to the end of its
 * last execution in this process, so it can be asked once.
 */
async function busy() {
  const encoder = await loadEncoder(model, { device: 'acl-native', isolation, features: ['cls'] });
  const started = performance.now();
  for await (const result of encoder.encodeAll(files, { features: ['cls'], batch })) {
    if ('error' in result) throw result.error;
  }
  const milliseconds = performance.now() - started;
  await encoder.close();
  const [device] = readCounters(counters);
  if (device === undefined || device.executedImages < files.length) throw new Error('no counters');
  return { share: device.busyNanoseconds / device.spanNanoseconds, milliseconds };
}

/** What a batch of 8 costs beyond the copies and the execution that the device library itself times. */
async function batchOverhead() {
  const { source, size } = await openModel(model);
  const [backend] = (await resolveDevice({ device: 'acl-native' })).backends;
  if (backend === undefined) throw new Error('no device');
  const session = await backend.open(source, {
    size,
    outputs: ['last_hidden_state'],
    tokens: 'cls',
    isolation,
  });
  const length = batch * 3 * size.height * size.width;
  // As the encoder hands it over.
  const data = new Float32Array(new SharedArrayBuffer(length * 4));
  const samples: number[] = [];
  for (let run = 0; run < repeats; run++) {
    const overhead = await timeRun(session, data, size);
    if (run >= repeats / 6) samples.push(overhead);
  }
  await session.close();
  return { milliseconds: median(samples) };
}

async function timeRun(
  session: BackendSession,
  data: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<number> {
  const started = performance.now();
  const { timing } = await session.run({ data, dims: [batch, 3, height, width] });
  return performance.now() - started - onDevice(timing);
}

function onDevice({ hostToDevice, compute, deviceToHost }: RunTiming = {}): number {
  if (hostToDevice === undefined || compute === undefined || deviceToHost === undefined) {
    throw new Error('The session does not time its phases.');
  }
  return hostToDevice + compute + deviceToHost;
}

await serveTasks({ busy, batchOverhead });
