import sharp from 'sharp';
import type { ImageDifference } from '../../accuracy/accuracy-options.js';
import { type Html, html } from '../html.js';
import type { HeatScale } from './heat-scale.js';
import type { PatchStatistics } from './patch-statistics.js';

/** Units of a patch's side in the drawing. */
const side = 10;
/** More pixels than this are not seen in a report. */
const largestSide = 448;

/** What the model saw, beside the same in grey under the errors of its patches; the worst patch is framed in both. */
export async function patchPictures(
  image: ImageDifference,
  scale: HeatScale | undefined,
  { worst, notFinite, isIdentical }: PatchStatistics,
): Promise<Html> {
  const [photograph, grey] = await Promise.all([encode(image, false), encode(image, true)]);
  const frame =
    worst !== undefined &&
    !isIdentical &&
    html`<rect class="frame-outer" x="${worst.column * side}" y="${worst.row * side}" width="${side}" height="${side}"/><rect class="frame" x="${worst.column * side}" y="${worst.row * side}" width="${side}" height="${side}"/>`;
  const [width, height] = [image.columns * side, image.rows * side];
  const picture = (data: string, title: string, over: Html | undefined) =>
    html`<svg class="patches" viewBox="0 0 ${width} ${height}" role="img"><title>${title}</title><image href="${data}" width="${width}" height="${height}" preserveAspectRatio="none"/>${over}${frame}</svg>`;
  const heat = html`<image class="heat" href="${await encodeErrors(image, scale)}" width="${width}" height="${height}" preserveAspectRatio="none"/>${notFinite > 0 && crosses(image)}`;
  return html`<div class="pictures">
${picture(photograph, `What the model saw of ${image.image}`, undefined)}
${picture(grey, `Where the features of ${image.image} differ`, heat)}
</div>`;
}

async function encode({ rgb, width, height }: ImageDifference, grey: boolean): Promise<string> {
  let pipeline = sharp(rgb, { raw: { width, height, channels: 3 } }).resize({
    width: largestSide,
    height: largestSide,
    fit: 'inside',
    withoutEnlargement: true,
  });
  // Little contrast, so that the colours above it keep what they mean.
  if (grey) pipeline = pipeline.greyscale().linear(0.5, 64);
  const bytes = await pipeline.jpeg({ quality: 82 }).toBuffer();
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}

/** One pixel a patch: the error's colour; transparent where the devices agree or there is no error to show. */
async function encodeErrors(
  { patchErrors, rows, columns }: ImageDifference,
  scale: HeatScale | undefined,
): Promise<string> {
  const pixels = new Uint8Array(rows * columns * 4);
  for (const [patch, error] of patchErrors.entries()) {
    if (scale === undefined || !(error > 0 && Number.isFinite(error))) continue;
    const colour = Number.parseInt(scale.colour(error).slice(1), 16);
    pixels.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], patch * 4);
  }
  const bytes = await sharp(pixels, { raw: { width: columns, height: rows, channels: 4 } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

function crosses({ patchErrors, columns }: ImageDifference): Html {
  const path = [...patchErrors].flatMap((error, patch) => {
    if (Number.isFinite(error)) return [];
    const [x, y] = [(patch % columns) * side, Math.floor(patch / columns) * side];
    return [`M${x},${y}l${side},${side}m0,-${side}l-${side},${side}`];
  });
  return html`<path class="not-finite-under" d="${path.join('')}"/><path class="not-finite" d="${path.join('')}"/>`;
}
