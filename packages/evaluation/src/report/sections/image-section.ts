import type { ImageDifference } from '../../accuracy/accuracy-options.js';
import type { ChartLibrary } from '../charts/chart-library.js';
import { formatCount, formatNumber } from '../format-figure.js';
import { type Html, html } from '../html.js';
import { type HeatScale, heatLegend, heatScale } from '../patches/heat-scale.js';
import { patchPictures } from '../patches/patch-picture.js';
import { type PatchStatistics, patchStatistics, worstImagesFirst } from '../patches/patch-statistics.js';

/** More pictures would make the file large and tell no more. */
const mostPictures = 12;

/**
 * The images, with where on the patch grid the two devices differ most.
 *
 * @param images those that were kept
 * @param planned how many there were to compare; 0 where that is not known
 */
export async function imageSection(
  { plot }: ChartLibrary,
  images: readonly ImageDifference[],
  planned: number,
): Promise<Html | undefined> {
  if (images.length === 0) return undefined;
  const shown = worstImagesFirst(images).slice(0, mostPictures);
  const scale = heatScale(
    plot,
    shown.flatMap(({ patchErrors }) => [...patchErrors]),
  );
  // One after the other: each is decoded pixels, and a report is in no hurry.
  const figures: Html[] = [];
  for (const image of shown) figures.push(await imageFigure(image, scale));
  const all = Math.max(planned, images.length);
  return html`<section>
<h2>Where the devices differ</h2>
<p>Left what the model saw, right the relative L2 error of every patch token of last_hidden_state, at batch 1. Rows and columns are counted from 0 at the top left; the worst patch is framed. No colour: identical. Crossed out: not finite.</p>
${scale !== undefined && heatLegend(scale)}
${shown.length < all && html`<p class="note">${shown.length} of ${formatCount(all, 'image')}, worst first; results.json has the errors by patch of ${images.length}.</p>`}
<div class="images">${figures}</div>
</section>`;
}

async function imageFigure(image: ImageDifference, scale: HeatScale | undefined): Promise<Html> {
  const statistics = patchStatistics(image);
  return html`<figure class="image">
<h3>${image.image}</h3>
${await patchPictures(image, scale, statistics)}
<figcaption>${describe(image, statistics)}</figcaption>
</figure>`;
}

function describe(
  { rows, columns }: ImageDifference,
  { worst, median, notFinite, isIdentical }: PatchStatistics,
): string {
  const size = `${rows} × ${columns} patches.`;
  if (isIdentical) return `${size} All are identical on both devices.`;
  const broken = notFinite > 0 ? ` ${formatCount(notFinite, 'patch', 'patches')} not finite.` : '';
  if (worst === undefined) return `${size}${broken}`;
  return `${size}${broken} Worst: row ${worst.row}, column ${worst.column} with ${formatNumber(worst.error)}; median ${formatNumber(median)}.`;
}
