import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Backend, BackendSession, OpenOptions, RunResult } from '../contract.js';
import type { ModelSource } from '../model-source.js';
import type { OutputName, TokenSelection } from '../outputs.js';
import type { WebsslError } from '../webssl-error.js';
import { assertRejects, assertValues, within } from './assertions.js';
import { type ConformanceOptions, toleranceOf } from './conformance-options.js';
import { fixtureModel } from './fixture-model.js';
import { fixtureOutputs } from './fixture-parts.js';
import { fixturePixels } from './fixture-pixels.js';
import { fixtureShape } from './fixture-shape.js';

const { imageSize } = fixtureShape;
const defaultPatience = 15_000;

/** One check: a name and what is done with a fresh backend. */
export interface CaseDefinition {
  readonly name: string;
  readonly timeoutMilliseconds?: number;
  check(context: CaseContext): Promise<void>;
}

/** What a case works with. */
export class CaseContext {
  readonly backend: Backend;
  readonly #options: ConformanceOptions;
  readonly #patience: number;
  readonly #sessions: BackendSession[] = [];

  constructor(backend: Backend, options: ConformanceOptions) {
    this.backend = backend;
    this.#options = options;
    this.#patience = options.patienceMilliseconds ?? defaultPatience;
  }

  /** How the suite opens: everything that the fixture gives, unless a case wants something else. */
  openOptions(changes: Partial<OpenOptions> = {}): OpenOptions {
    const { precision = 'fp32', isolation } = this.#options;
    return {
      size: { height: imageSize, width: imageSize },
      outputs: fixtureOutputs,
      precision,
      ...(isolation && { isolation }),
      ...changes,
    };
  }

  /** Opens a session that is closed when the case ends. */
  async open(changes?: Partial<OpenOptions>, model: ModelSource = fixtureModel()): Promise<BackendSession> {
    const session = await this.backend.open(model, this.openOptions(changes));
    this.#sessions.push(session);
    return session;
  }

  async closeAll(): Promise<void> {
    const closing = Promise.allSettled(this.#sessions.map((session) => session.close()));
    await this.within(closing, 'closing after the case');
  }

  /** Fails unless the output is right for these images, in shape and in values. */
  assertValues(
    result: RunResult,
    images: readonly number[],
    output: OutputName,
    tokens: TokenSelection = 'all',
  ): void {
    assertValues(result, images, output, tokens, toleranceOf(this.#options));
  }

  /** Fails unless the session computes right, now. */
  async assertUsable(session: BackendSession): Promise<void> {
    const result = await this.within(session.run(fixturePixels([3])), 'a run of a usable session');
    this.assertValues(result, [3], 'last_hidden_state');
  }

  /** Fails unless the promise rejects in time with one of our errors and this code. */
  assertRejects(promise: Promise<unknown>, code: string, what: string): Promise<WebsslError> {
    return assertRejects(this.within(promise, what), code, what);
  }

  /** The promise, or a failure where it does not settle in time. */
  within<Value>(promise: Promise<Value>, what: string | (() => string)): Promise<Value> {
    return within(promise, what, this.#patience);
  }

  /** Waits until the condition holds; fails where it does not in time. */
  async eventually(condition: () => boolean, what: () => string): Promise<void> {
    for (const end = Date.now() + this.#patience; !condition(); await delay(5)) {
      if (Date.now() > end) assert.fail(what());
    }
  }
}
