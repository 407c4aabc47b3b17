/** An error together with the part of the request that it is about. */
export class ParamError extends Error {
  readonly param: string;

  constructor(error: unknown, param: string) {
    super(error instanceof Error ? error.message : String(error), { cause: error });
    this.name = 'ParamError';
    this.param = param;
  }
}
