import { WebsslError } from '@webssl/backend';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The part of the model's image processing that decides which part of an image it sees. */
export interface SeenProcessing {
  readonly resize?: {
    readonly size: { readonly shortestEdge: number } | Size | { readonly cover: Size };
  };
  readonly centerCrop?: Size;
}

/** What this page needs of the answer of `GET /info`. */
export interface ServerInfo {
  readonly model: {
    readonly id: string;
    readonly revision?: string;
    readonly synthetic: boolean;
    readonly layers: number;
    readonly heads: number;
    readonly width: number;
    readonly patchSize: number;
  };
  readonly image: {
    readonly size: Size;
    readonly processor: SeenProcessing;
    /** Whether photographs are turned as their camera says. */
    readonly exif?: 'ignore' | 'apply';
  };
  readonly features?: { readonly served?: readonly string[] };
  readonly devices: readonly {
    readonly name: string;
    readonly precision: string;
    readonly backend: string;
    readonly state?: 'good' | 'lost' | 'retired';
  }[];
  readonly queue: {
    readonly waiting: number;
    readonly running: number;
    /** Absent until some were computed. */
    readonly imagesPerSecond?: number;
  };
}

/**
 * Checks what this page relies on: that it talks to a server of its own kind.
 *
 * @throws WebsslError `INFO_UNREADABLE`
 */
export function readServerInfo(answer: unknown): ServerInfo {
  const wanted: readonly (readonly [path: string, type: 'number' | 'string' | 'boolean' | 'object'])[] = [
    ['model.id', 'string'],
    ['model.synthetic', 'boolean'],
    ['model.layers', 'number'],
    ['model.heads', 'number'],
    ['model.width', 'number'],
    ['model.patchSize', 'number'],
    ['image.size.width', 'number'],
    ['image.size.height', 'number'],
    ['image.processor', 'object'],
    ['queue.waiting', 'number'],
    ['queue.running', 'number'],
    ['devices.length', 'number'],
  ];
  for (const [path, type] of wanted) {
    const value = valueAt(answer, path);
    if (typeof value === type && value !== null) continue;
    throw new WebsslError({
      code: 'INFO_UNREADABLE',
      message: `The server's /info has no ${path}. Is this page of the same version as the server? Reload it.`,
    });
  }
  return answer as ServerInfo;
}

function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** The name of the attention of the model's last layer. */
export function lastAttention({ model }: ServerInfo): string {
  return `attentions.${model.layers - 1}`;
}

/** Whether the server gives the attention of the model's last layer. */
export function servesAttention(info: ServerInfo): boolean {
  return info.features?.served?.includes(lastAttention(info)) ?? true;
}
