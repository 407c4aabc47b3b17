import { WebsslError } from '@webssl/backend';
import { mostRepetitions } from './api-client.js';
import { attentionColours, attentionOfHead } from './cls-attention.js';
import { element } from './element.js';
import { formatMilliseconds, formatNumber, formatShape, formatShare } from './figures.js';
import type { ImageEntry, Progress } from './image-entry.js';
import type { ImageFeatures } from './image-features.js';
import { drawPatches } from './seen-picture.js';
import type { View } from './view.js';

export interface ImageCard {
  readonly item: HTMLLIElement;
  readonly removeButton: HTMLButtonElement;
  /** Shows what is known of the image now. */
  update(view: View): void;
}

export interface CardActions {
  readonly onRemove: () => void;
  readonly onRepeat: () => void;
}

let cards = 0;

/** An image with its picture, what lies over it, and its figures. */
export function imageCard(entry: ImageEntry, { onRemove, onRepeat }: CardActions): ImageCard {
  cards++;
  const heading = element('h3', { id: `image-${cards}` }, entry.name);
  const overlay = element('canvas', { class: 'overlay', 'aria-hidden': 'true', hidden: true });
  entry.picture.setAttribute('aria-hidden', 'true');
  const unseen = element('p', { class: 'unseen', hidden: true }, 'This browser cannot show this format.');
  const stack = element('div', { class: 'stack', role: 'img' }, entry.picture, unseen, overlay);
  const caption = element('figcaption');
  const facts = element('dl', { class: 'facts' });
  const notice = element('p', { class: 'notice' });
  const repeatButton = element('button', { type: 'button' }, 'Try again');
  const removeButton = element(
    'button',
    { type: 'button', 'aria-label': `Remove ${entry.name}`, class: 'quiet' },
    'Remove',
  );
  repeatButton.addEventListener('click', onRepeat);
  removeButton.addEventListener('click', onRemove);
  const item = element(
    'li',
    { class: 'card' },
    element(
      'article',
      { 'aria-labelledby': heading.id },
      element('header', {}, heading, removeButton),
      element('figure', {}, stack, caption),
      notice,
      repeatButton,
      facts,
    ),
  );

  function update(view: View): void {
    unseen.hidden = entry.isShown !== false;
    const { label, text } = drawOverlay(overlay, entry, view);
    stack.setAttribute('aria-label', label);
    caption.textContent = text;
    const progress = shownProgress(entry, view);
    const said = describeProgress(progress);
    notice.replaceChildren(...said);
    notice.hidden = said.length === 0;
    notice.className = progress.step === 'failed' ? 'notice failed' : 'notice';
    repeatButton.hidden = progress.step !== 'failed';
    item.setAttribute('aria-busy', String(progress.step !== 'failed' && progress.step !== 'done'));
    facts.replaceChildren(...describeFacts(entry));
  }

  return { item, removeButton, update };
}

/** The attention is asked for by itself, later. */
function shownProgress(entry: ImageEntry, { layer }: View): Progress {
  return layer === 'attention' && entry.progress.step === 'done' ? entry.attentionProgress : entry.progress;
}

function describeProgress(progress: Progress): (Node | string)[] {
  switch (progress.step) {
    case 'idle':
    case 'waiting':
      return ['Waiting'];
    case 'computing':
      return ['Computing'];
    case 'busy': {
      const seconds = Math.max(1, Math.round(progress.milliseconds / 1000));
      return [`The server is busy: again in ${seconds} s (${progress.attempt} of ${mostRepetitions})`];
    }
    case 'failed':
      return [element('code', {}, progress.error.code), ` ${progress.error.message}`];
    case 'done':
      return [];
  }
}

/** Draws what the view asks for, as far as it is known, and says what it is. */
function drawOverlay(
  overlay: HTMLCanvasElement,
  entry: ImageEntry,
  view: View,
): { readonly label: string; readonly text: string } {
  const { features, attention, name } = entry;
  overlay.hidden = true;
  overlay.style.opacity = String(view.opacity);
  const plain = { label: `What the model sees of ${name}`, text: '' };
  if (features === undefined || view.layer === 'none') return plain;
  if (view.layer === 'colours') {
    const { colours } = features;
    if (WebsslError.isInstance(colours)) return { ...plain, text: colours.message };
    drawPatches(overlay, colours.pixels, features);
    overlay.hidden = false;
    const [red, green, blue] = colours.shares.map(formatShare);
    return {
      label: `${plain.label}, under the colours of its patches`,
      text: `Red, green, blue: principal components 1 to 3, with ${red}, ${green} and ${blue} of the variance.`,
    };
  }
  if (attention === undefined) return plain;
  const { pixels, largest, total } = attentionColours(attentionOfHead(attention, view.head));
  drawPatches(overlay, pixels, features);
  overlay.hidden = false;
  return {
    label: `${plain.label}, under the attention of its CLS token`,
    text: `Brightest patch: ${formatShare(largest)} of the CLS token’s attention. All patches: ${formatShare(total)}.`,
  };
}

function describeFacts({ features, latency }: ImageEntry): HTMLElement[] {
  return [
    ...(features === undefined ? [] : featureFacts(features)),
    ...(latency === undefined
      ? []
      : fact(
          'Latency',
          formatMilliseconds(latency.milliseconds),
          [...latency.phases].map(([name, duration]) => `${name} ${formatMilliseconds(duration)}`).join(', '),
        )),
  ];
}

function featureFacts({ cls, norm, patchShape, rows, columns }: ImageFeatures): HTMLElement[] {
  return [
    ...fact('CLS vector', formatShape([cls.length]), `L2 norm ${formatNumber(norm)}`),
    ...fact('Patch tokens', formatShape(patchShape), `${rows} x ${columns} patches`),
  ];
}

function fact(name: string, figure: string, more: string): HTMLElement[] {
  return [
    element('dt', {}, name),
    element('dd', {}, element('span', { class: 'figure' }, figure), ' ', element('small', {}, more)),
  ];
}
