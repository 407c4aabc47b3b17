import type { BatchReport, SchedulerState } from '@webssl/encoder';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the gauges read when they are asked. */
export interface MetricSources {
  readonly queue: () => SchedulerState;
  readonly ready: () => boolean;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const batchSizes = [1, 2, 4, 8, 16, 32, 64];

/** The figures of `/metrics`, in the Prometheus text format. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'webssl_requests_total',
    help: 'Requests answered, by route and status',
    labelNames: ['route', 'status'],
    registers: [this.#registry],
  });
  readonly #requestSeconds = new Histogram({
    name: 'webssl_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer',
    labelNames: ['route'],
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #images = new Counter({
    name: 'webssl_images_total',
    help: 'Images answered, by what became of them: ok, or the code of the error',
    labelNames: ['result'],
    registers: [this.#registry],
  });
  readonly #batchSize = new Histogram({
    name: 'webssl_batch_size_images',
    help: 'Images of a batch',
    buckets: batchSizes,
    registers: [this.#registry],
  });
  readonly #batchSeconds = new Histogram({
    name: 'webssl_batch_duration_seconds',
    help: 'A batch on the device',
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #waitSeconds = new Histogram({
    name: 'webssl_queue_wait_seconds',
    help: 'From an image being queued to its batch being sent',
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #batchErrors = new Counter({
    name: 'webssl_batch_errors_total',
    help: 'Batches that failed on the device',
    registers: [this.#registry],
  });
  readonly #losses = new Counter({
    name: 'webssl_device_losses_total',
    help: 'Sessions that were lost: crashed, hung, or failed',
    registers: [this.#registry],
  });

  /** Begins to report what is read and not counted. */
  watch({ queue, ready }: MetricSources): void {
    collectDefaultMetrics({ register: this.#registry });
    const registers = [this.#registry];
    new Gauge({
      name: 'webssl_queue_images',
      help: 'Images in the server, by where they are',
      labelNames: ['stage'],
      registers,
      collect() {
        const { waiting, preparing, prepared, running } = queue();
        for (const [stage, images] of Object.entries({ waiting, preparing, prepared, running })) {
          this.set({ stage }, images);
        }
      },
    });
    new Gauge({
      name: 'webssl_queue_bytes',
      help: 'Bytes of the requests that are being answered',
      registers,
      collect() {
        this.set(queue().held.bytes);
      },
    });
    new Gauge({
      name: 'webssl_ready',
      help: '1 while a device computes, else 0',
      registers,
      collect() {
        this.set(ready() ? 1 : 0);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  requestAnswered(route: string, status: number, milliseconds: number): void {
    this.#requests.inc({ route, status });
    this.#requestSeconds.observe({ route }, milliseconds / 1000);
  }

  /** @param result `ok`, or the code of the error */
  imageAnswered(result: string): void {
    this.#images.inc({ result });
  }

  deviceLost(): void {
    this.#losses.inc();
  }

  batchEnded({ items, waits, duration, error }: BatchReport): void {
    for (const wait of waits) this.#waitSeconds.observe(wait / 1000);
    if (error !== undefined) {
      this.#batchErrors.inc();
      return;
    }
    this.#batchSize.observe(items);
    this.#batchSeconds.observe(duration / 1000);
  }
}
