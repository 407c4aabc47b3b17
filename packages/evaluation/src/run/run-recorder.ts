import { randomUUID } from 'node:crypto';
import type { DeviceInfo } from '@webssl/backend';
import { WebsslError } from '@webssl/backend';
import type { EvaluationRecord, RecordName, RecordOf } from '@webssl/checker';

/** What a record says besides its name and run. */
type Fields<Name extends RecordName> = FieldsOf<RecordOf<Name>>;
/** One by one, so that the kinds of plans stay apart. */
type FieldsOf<One> = One extends EvaluationRecord ? Omit<One, 'record' | 'run'> : never;

/** Hands out the records of one run as they come, and closes it with what became of it. */
export class RunRecorder {
  readonly #run = randomUUID();
  readonly #started = performance.now();
  readonly #records: EvaluationRecord[] = [];
  readonly #onRecord: ((record: EvaluationRecord) => void) | undefined;

  constructor(onRecord?: (record: EvaluationRecord) => void) {
    this.#onRecord = onRecord;
  }

  /** All records so far. */
  get records(): readonly EvaluationRecord[] {
    return this.#records;
  }

  record<Name extends RecordName>(record: Name, fields: Fields<Name>): void {
    const whole = { record, run: this.#run, ...(fields as object) } as EvaluationRecord;
    this.#records.push(whole);
    this.#onRecord?.(whole);
  }

  /** What a device turned out to be; not its process, which is another one in every run. */
  device(device: string, role: 'reference' | 'candidate', info: DeviceInfo): void {
    const { backend, name, precision, library, isolation, index } = info;
    const { processId: _, ...details } = info.details;
    this.record('run.device', {
      device,
      role,
      backend,
      name,
      precision,
      library,
      isolation,
      ...(index === undefined ? {} : { index }),
      details: JSON.stringify(details),
    });
  }

  /** Something that was asked for and could not be had. */
  error(error: unknown, where: Omit<Fields<'run.error'>, 'code' | 'message'> = {}): void {
    const code = WebsslError.isInstance(error) ? error.code : 'UNEXPECTED';
    this.record('run.error', {
      code,
      message: error instanceof Error ? error.message : String(error),
      ...where,
    });
  }

  /** Runs `work` and writes the end record, also when it is interrupted or fails; then its error goes on. */
  async close<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#end('complete');
      return result;
    } catch (error) {
      if (signal?.aborted !== true) this.error(error);
      this.#end(signal?.aborted === true ? 'interrupted' : 'failed');
      throw error;
    }
  }

  #end(status: Fields<'run.end'>['status']): void {
    this.record('run.end', {
      status,
      records: this.#records.length,
      seconds: (performance.now() - this.#started) / 1000,
    });
  }
}
