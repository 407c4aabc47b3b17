import { type ApiClient, asksForKey } from './api-client.js';
import { clsAttention } from './cls-attention.js';
import { knownError } from './error-text.js';
import type { ImageEntry, Progress } from './image-entry.js';
import { imageFeatures } from './image-features.js';
import { lastAttention, type ServerInfo } from './server-info.js';
import { takeTurns } from './take-turns.js';

/** So many images are sent at once: enough for a batch, and the pages of others get their turn. */
const mostAtOnce = 4;

export interface ImageRequests {
  /** Asks for the vectors that everything but the attention is made of. Never rejects: the entry tells what failed. */
  features(entry: ImageEntry, info: ServerInfo): Promise<void>;
  /** Asks for the attention, once the features are there. Never rejects. */
  attention(entry: ImageEntry, info: ServerInfo): Promise<void>;
}

export interface RequestEvents {
  readonly onChange: (entry: ImageEntry) => void;
  /** The image waits until there is another key. */
  readonly onKeyWanted: (error: unknown) => void;
}

/** Asks the server about images, some at once, and keeps what it answers with each image. */
export function imageRequests(client: ApiClient, { onChange, onKeyWanted }: RequestEvents): ImageRequests {
  const inTurn = takeTurns(mostAtOnce);

  /** Runs one request of an image; `tell` keeps how far it is. */
  async function ask(
    entry: ImageEntry,
    names: readonly string[],
    tell: (progress: Progress) => void,
    keep: (answer: Awaited<ReturnType<ApiClient['features']>>) => void,
  ): Promise<void> {
    const { signal } = entry.removal;
    const say = (progress: Progress) => {
      if (signal.aborted) return;
      tell(progress);
      onChange(entry);
    };
    const send = async () => {
      if (signal.aborted) return;
      say({ step: 'computing' });
      const onBusy = (milliseconds: number, attempt: number) => say({ step: 'busy', milliseconds, attempt });
      keep(await client.features(entry.file, names, { signal, onBusy }));
      say({ step: 'done' });
    };
    say({ step: 'waiting' });
    try {
      await inTurn(send);
    } catch (error) {
      if (signal.aborted) return;
      if (asksForKey(error)) {
        say({ step: 'idle' });
        onKeyWanted(error);
      } else say({ step: 'failed', error: knownError(error) });
    }
  }

  return {
    features(entry, info) {
      return ask(
        entry,
        ['cls', 'patches'],
        (progress) => {
          entry.progress = progress;
        },
        ({ tensors, milliseconds, phases }) => {
          entry.features = imageFeatures(tensors, info);
          entry.latency = { milliseconds, phases };
        },
      );
    },
    attention(entry, info) {
      const name = lastAttention(info);
      return ask(
        entry,
        [name],
        (progress) => {
          entry.attentionProgress = progress;
        },
        ({ tensors }) => {
          const tensor = tensors.get(name) ?? { shape: [], data: new Float32Array() };
          const { rows = 0, columns = 0 } = entry.features ?? {};
          entry.attention = clsAttention(tensor, rows * columns);
        },
      );
    },
  };
}
