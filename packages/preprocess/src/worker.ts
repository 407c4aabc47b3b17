import { parentPort, workerData } from 'node:worker_threads';
import type { PreparationSettings } from './preparation-settings.js';
import { ImagePreparer, type PreprocessedImage } from './prepare-image.js';
import { readImageFile } from './read-file.js';
import { toPlainError, type WorkerRequest, type WorkerResponse } from './worker-messages.js';

/** The thread that decodes and resizes: one image at a time, with the settings that it was started with. */
function serve(settings: PreparationSettings, port: NonNullable<typeof parentPort>): void {
  const preparer = new ImagePreparer(settings);

  async function prepare({ job, rgb }: WorkerRequest): Promise<PreprocessedImage> {
    switch (job.kind) {
      case 'path':
        return preparer.fromBytes(await readImageFile(job.path, settings.limits), rgb);
      case 'bytes':
        return preparer.fromBytes(job.bytes, rgb);
      case 'pixels':
        return preparer.fromPixels(job.image, rgb);
    }
  }

  port.on('message', (request: WorkerRequest) => {
    prepare(request).then(
      (image) => {
        const buffers = [
          image.pixelValues.data.buffer,
          ...(image.rgb === undefined ? [] : [image.rgb.buffer]),
        ];
        port.postMessage({ image } satisfies WorkerResponse, buffers);
      },
      (error: unknown) => port.postMessage({ error: toPlainError(error) } satisfies WorkerResponse),
    );
  });
}

if (parentPort === null) throw new Error('@webssl/preprocess/worker runs in a worker thread only');
serve(workerData as PreparationSettings, parentPort);
