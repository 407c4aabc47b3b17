import type { Answer } from './answer.js';
import { canShow } from './apply-fault.js';
import type { Fault, FaultRule } from './fault.js';
import type { LoggedRequest } from './request-log.js';
import { matchesFilter } from './request-log.js';

/** The rules and how often each was met. */
export class FaultBook {
  #rules: { readonly rule: FaultRule; skip: number; times: number }[] = [];

  set(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => ({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 }));
  }

  /** The fault of the first rule that meets this request and is neither spent nor still skipping. */
  take(request: LoggedRequest, answer: Answer): Fault | undefined {
    for (const entry of this.#rules) {
      const { on, method, path, fault } = entry.rule;
      const filter = {
        ...(on === undefined ? {} : { host: on }),
        ...(method === undefined ? {} : { method }),
        ...(path === undefined ? {} : { path }),
      };
      if (entry.times <= 0 || !matchesFilter(request, filter)) continue;
      if (!canShow(fault, answer, request.host, request.method)) continue;
      if (entry.skip > 0) {
        entry.skip--;
        continue;
      }
      entry.times--;
      return fault;
    }
    return undefined;
  }
}
