/** The codes of the hub that its clients test (`X-Error-Code`). */
type HubErrorCode = 'RepoNotFound' | 'RevisionNotFound' | 'EntryNotFound';

/** Ends a request with an answer other than success; the message goes to the client. */
export class RequestRefusal extends Error {
  readonly status: number;
  readonly hubCode: HubErrorCode | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    { hubCode, headers = {} }: { hubCode?: HubErrorCode; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = 'RequestRefusal';
    this.status = status;
    this.hubCode = hubCode;
    this.headers = headers;
  }
}

/** What a client asked for is not here: the hub answers 404 and says with a code which part is missing. */
export function notFound(hubCode: HubErrorCode, message: string): RequestRefusal {
  return new RequestRefusal(404, message, { hubCode });
}
