import type { ApiClient } from './api-client.js';
import { element, existing } from './element.js';
import { type ImageCard, imageCard } from './image-card.js';
import type { ImageEntry } from './image-entry.js';
import type { GivenImage } from './image-intake.js';
import { imageRequests } from './image-requests.js';
import { drawSeenPicture } from './seen-picture.js';
import type { ServerInfo } from './server-info.js';
import { showSimilarities } from './similarity.js';
import type { View } from './view.js';

/** The images on the page. */
export interface ImageCollection {
  add(images: readonly GivenImage[]): void;
  removeAll(): void;
  /** Shows all in this view, and asks for what it needs. */
  show(view: View): void;
  /** Starts what waits to be asked of the server. */
  serve(info: ServerInfo): void;
  isComputing(): boolean;
}

export function imageCollection(client: ApiClient, onKeyWanted: (error: unknown) => void): ImageCollection {
  const cards = new Map<ImageEntry, ImageCard>();
  const list = existing('images', HTMLUListElement);
  const files = existing('files', HTMLInputElement);
  const requests = imageRequests(client, { onChange: update, onKeyWanted });
  let view: View = { layer: 'colours', opacity: 1, head: 'mean' };
  let server: ServerInfo | undefined;

  function update(entry: ImageEntry): void {
    cards.get(entry)?.update(view);
    showStatus([...cards.keys()]);
    if (entry.progress.step === 'done' && entry.attentionProgress.step === 'idle') {
      showSimilarities([...cards.keys()]);
      askForAttention(entry);
    }
  }

  function add(images: readonly GivenImage[]): void {
    for (const { file, name } of images) {
      const entry: ImageEntry = {
        file,
        name,
        removal: new AbortController(),
        picture: element('canvas'),
        progress: { step: 'idle' },
        attentionProgress: { step: 'idle' },
      };
      const card = imageCard(entry, { onRemove: () => removeOne(entry), onRepeat: () => repeat(entry) });
      cards.set(entry, card);
      list.append(card.item);
      update(entry);
      start(entry);
    }
    showCollection();
  }

  /** Draws the picture and asks for the features, when it is known how the server sees images. */
  function start(entry: ImageEntry): void {
    if (server === undefined || entry.progress.step !== 'idle') return;
    void requests.features(entry, server);
    if (entry.isShown !== undefined) return;
    void drawSeenPicture(entry.picture, entry.file, server).then((isShown) => {
      entry.isShown = isShown;
      update(entry);
      showSimilarities([...cards.keys()]);
    });
  }

  function askForAttention(entry: ImageEntry): void {
    if (server === undefined || view.layer !== 'attention') return;
    if (entry.progress.step !== 'done' || entry.attentionProgress.step !== 'idle') return;
    void requests.attention(entry, server);
  }

  function repeat(entry: ImageEntry): void {
    if (entry.progress.step === 'failed') {
      entry.progress = { step: 'idle' };
      start(entry);
    } else {
      entry.attentionProgress = { step: 'idle' };
      askForAttention(entry);
    }
  }

  function remove(entry: ImageEntry): void {
    entry.removal.abort();
    cards.get(entry)?.item.remove();
    cards.delete(entry);
  }

  /** The keyboard goes on at the image that takes this one's place. */
  function removeOne(entry: ImageEntry): void {
    const place = [...cards.keys()].indexOf(entry);
    remove(entry);
    showCollection();
    const next = [...cards.values()][Math.min(place, cards.size - 1)];
    (next?.removeButton ?? files).focus();
  }

  function showCollection(): void {
    const entries = [...cards.keys()];
    existing('results', HTMLElement).hidden = entries.length === 0;
    showSimilarities(entries);
    showStatus(entries);
  }

  return {
    add,
    removeAll() {
      for (const entry of [...cards.keys()]) remove(entry);
      showCollection();
      files.focus();
    },
    show(chosen) {
      view = chosen;
      for (const [entry, card] of cards) {
        card.update(view);
        askForAttention(entry);
      }
    },
    serve(info) {
      server = info;
      for (const entry of cards.keys()) {
        start(entry);
        askForAttention(entry);
      }
    },
    isComputing: () =>
      [...cards.keys()].some(({ progress, attentionProgress }) =>
        [progress, attentionProgress].some(({ step }) => ['waiting', 'computing', 'busy'].includes(step)),
      ),
  };
}

/** Says aloud how many are ready; the same text is not said again. */
function showStatus(entries: readonly ImageEntry[]): void {
  const count = (step: ImageEntry['progress']['step']) =>
    entries.filter(({ progress }) => progress.step === step).length;
  const failed = count('failed') === 0 ? '' : `, ${count('failed')} failed`;
  const images = entries.length === 1 ? 'image' : 'images';
  const text =
    entries.length === 0 ? '' : `${count('done')} of ${entries.length} ${images} computed${failed}`;
  const status = existing('status', HTMLElement);
  if (status.textContent !== text) status.textContent = text;
}
