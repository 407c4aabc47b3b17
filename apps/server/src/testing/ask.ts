/** One answer of `POST /v1/features` for a single image. */
export interface FeatureReply {
  readonly status: number;
  readonly headers: Headers;
  /** Of an answer with 200. */
  readonly cls?: Float32Array;
  /** Of an error. */
  readonly code?: string;
  readonly message?: string;
}

interface JsonReply {
  readonly results?: readonly {
    readonly features?: { readonly cls?: { readonly data: readonly number[] } };
  }[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Asks for the CLS feature of an image, sent as it is. */
export async function askForCls(
  address: string,
  image: Uint8Array,
  {
    headers = {},
    signal,
  }: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<FeatureReply> {
  const answer = await fetch(`${address}/v1/features?features=cls`, {
    method: 'POST',
    body: image,
    headers: { 'content-type': 'application/octet-stream', ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  const { results, error } = (await answer.json()) as JsonReply;
  const data = results?.[0]?.features?.cls?.data;
  return {
    status: answer.status,
    headers: answer.headers,
    ...(data === undefined ? {} : { cls: Float32Array.from(data) }),
    ...(error === undefined ? {} : { code: error.code, message: error.message }),
  };
}

/** Body of a JSON request for the CLS feature of several images. */
export function jsonOf(images: readonly Uint8Array[], features: readonly string[] = ['cls']): string {
  return JSON.stringify({
    images: images.map((image) => Buffer.from(image).toString('base64')),
    features,
  });
}
