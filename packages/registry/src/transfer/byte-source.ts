/** Where the bytes of one file come from. */
export interface ByteSource {
  /**
   * One request, made once. Resolves when the answer's headers are there; the body then comes as it is read.
   *
   * @param range first byte wanted and the byte after the last; `end` undefined means to the end of the file. Undefined
   * instead of a range asks for the whole file without naming one, for servers that cannot serve ranges.
   * @param signal ends the request, and the body while it is read.
   * @throws TransferProblem where another try may help, also while the body is read (a drop, a stall).
   * @throws WebsslError where none helps.
   */
  open(range: ByteRange | undefined, signal: AbortSignal): Promise<ByteStream>;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number | undefined;
}

/** The answer to one request. */
export interface ByteStream {
  /** Place in the file of the body's first byte: 0 where the server sends the whole file although a range was asked. */
  readonly start: number;
  /** Whether the server kept to the range (206). */
  readonly isPartial: boolean;
  /** Length of the whole file, where the server says it. */
  readonly totalBytes: number | undefined;
  /** The bytes in order. Ends early, without an error, where a server closes a body of unknown length. Leaving the loop closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}
