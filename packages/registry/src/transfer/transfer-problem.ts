/**
 * Something that went wrong with a transfer and that may go well the next time: a dropped connection, a stall, a busy or
 * broken server, an expired address. What another try cannot mend is a `WebsslError` instead.
 */
export class TransferProblem extends Error {
  /** How long the server asked to wait (`Retry-After`). */
  readonly retryAfterMilliseconds: number | undefined;
  /** The server's answer, where there was one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    {
      retryAfterMilliseconds,
      status,
      cause,
    }: { retryAfterMilliseconds?: number; status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'TransferProblem';
    this.retryAfterMilliseconds = retryAfterMilliseconds;
    this.status = status;
  }
}
