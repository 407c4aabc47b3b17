/** Items that may share a batch: those whose groups have the same key. */
export interface Group {
  readonly key: string;
  /** Items in one batch at most. Default: what the capacity says. */
  readonly batch?: number;
}

/** The group of everything that has no other. */
export const oneGroup: Group = { key: '' };
