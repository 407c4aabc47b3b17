import { cosineSimilarity } from '@webssl/metrics';
import { element, existing } from './element.js';
import type { ImageEntry } from './image-entry.js';

/** An image whose vector is known. */
interface Compared {
  readonly name: string;
  readonly picture: HTMLCanvasElement;
  readonly cls: Float32Array;
}

/** Cosine similarity of each vector with each, row by row; NaN for one without direction. */
function similarities(vectors: readonly Float32Array[]): number[][] {
  return vectors.map((vector) => vectors.map((other) => cosineSimilarity(vector, other)));
}

/** Fills the table of similarities; it is shown from two images on. */
export function showSimilarities(entries: readonly ImageEntry[]): void {
  const compared = entries.flatMap(({ name, picture, features }): Compared[] =>
    features === undefined ? [] : [{ name, picture, cls: features.cls }],
  );
  existing('similarity', HTMLElement).hidden = compared.length < 2;
  const rows = similarities(compared.map(({ cls }) => cls));
  existing('similarity-columns', HTMLTableRowElement).replaceChildren(
    element('th', { scope: 'col' }, 'Image'),
    ...compared.map((image, index) =>
      element(
        'th',
        { scope: 'col' },
        thumbnail(image.picture),
        element('span', { 'aria-hidden': 'true' }, String(index + 1)),
        element('span', { class: 'unseen-text' }, image.name),
      ),
    ),
  );
  existing('similarity-rows', HTMLTableSectionElement).replaceChildren(
    ...rows.map((values, row) => {
      const image = compared[row];
      const name = element('span', { class: 'name' }, `${row + 1} ${image?.name ?? ''}`);
      const pictures = image === undefined ? [] : [thumbnail(image.picture)];
      return element(
        'tr',
        {},
        element('th', { scope: 'row' }, element('div', { class: 'image-name' }, ...pictures, name)),
        ...values.map(similarityCell),
      );
    }),
  );
}

function similarityCell(value: number): HTMLTableCellElement {
  const cell = element('td', { class: value < 0 ? 'opposed' : 'alike' }, value.toFixed(3));
  cell.style.setProperty('--share', `${Number.isFinite(value) ? Math.min(1, Math.abs(value)) * 100 : 0}%`);
  return cell;
}

const thumbnailSide = 64;

function thumbnail(picture: HTMLCanvasElement): HTMLCanvasElement {
  const small = element('canvas', {
    class: 'thumbnail',
    'aria-hidden': 'true',
    width: thumbnailSide,
    height: thumbnailSide,
  });
  const context = small.getContext('2d');
  if (context !== null && picture.width > 0) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, thumbnailSide, thumbnailSide);
  }
  return small;
}
