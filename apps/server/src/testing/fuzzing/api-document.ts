/** As much of JSON Schema as the server's document uses. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly format?: string;
  readonly description?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Schema;
}

/** One method of one path. */
export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
  /** Schemas of the body by media type. */
  readonly bodies: ReadonlyMap<string, Schema>;
  /** Statuses of its answers, such as `200` and `4XX`. */
  readonly statuses: readonly string[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
}

interface DocumentOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

/** Every operation that `/openapi.json` of a server tells. */
export async function readOperations(address: string): Promise<readonly Operation[]> {
  const answer = await fetch(`${address}/openapi.json`);
  const { paths } = (await answer.json()) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      path,
      method: method.toUpperCase(),
      parameters,
      bodies: new Map(
        Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema] as const),
      ),
      statuses: Object.keys(responses),
    })),
  );
}
