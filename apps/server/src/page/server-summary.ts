import { element, existing } from './element.js';
import type { ServerInfo } from './server-info.js';

/** Shows which model computes where, and how much is waiting there. */
export function showServer({ model, image, devices, queue }: ServerInfo): void {
  existing('synthetic', HTMLElement).hidden = !model.synthetic;
  const { width, height } = image.size;
  const facts: readonly (readonly [name: string, text: string])[] = [
    ['Model', model.id],
    ['Input', `${width} x ${height} pixels, patches of ${model.patchSize}`],
    ['Device', devices.map(deviceText).join('; ')],
    ['Queue', `${queue.waiting} waiting, ${queue.running} running${rateText(queue)}`],
  ];
  existing('server', HTMLDListElement).replaceChildren(
    ...facts.map(([name, text]) => element('div', {}, element('dt', {}, name), element('dd', {}, text))),
  );
}

function deviceText({ backend, precision, name, state = 'good' }: ServerInfo['devices'][number]): string {
  return `${backend} ${precision}: ${name}${state === 'good' ? '' : ` (${state})`}`;
}

function rateText({ imagesPerSecond }: ServerInfo['queue']): string {
  return imagesPerSecond === undefined ? '' : `, ${imagesPerSecond.toPrecision(3)} images/s`;
}
