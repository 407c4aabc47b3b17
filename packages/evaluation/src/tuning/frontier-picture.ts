import { loadChartLibrary } from '../report/charts/chart-library.js';
import { decadeLabel, decadesAround, decadeTicks } from '../report/charts/log-axis.js';
import { formatBound } from '../report/format-figure.js';
import type { FrontierPoint, TuningResult } from './tune-options.js';

/** Colours that are told apart also by those who see few, and by their marks. */
const colours = { state: '#1f5fa8', cls: '#c2570c', bound: '#b3261e', chosen: '#111111' };

interface Mark {
  readonly time: number;
  readonly nmse: number;
}

/**
 * The frontier as an SVG file of its own: error, logarithmic, against the time of an image as a part of float32's. Dots are the full
 * state, triangles CLS; the chosen plan has a ring.
 */
export async function drawFrontier({ frontier, bound, chosen, model }: TuningResult): Promise<string> {
  const library = await loadChartLibrary();
  const { plot } = library;
  const time = ({ milliseconds, float32Milliseconds }: FrontierPoint) => milliseconds / float32Milliseconds;
  const states = frontier.map((point): Mark => ({ time: time(point), nmse: point.nmse })).filter(isDrawn);
  const classTokens = frontier
    .map((point): Mark => ({ time: time(point), nmse: point.clsNmse }))
    .filter(isDrawn);
  const drawn = [...states, ...classTokens];
  const { from, to } = decadesAround([bound, ...drawn.map(({ nmse }) => nmse)]);
  const widest = Math.max(1, ...drawn.map((mark) => mark.time)) * 1.08;
  const at = { x: 'time', y: 'nmse' } as const;
  const ring =
    chosen === undefined ? [] : [chosen.nmse, chosen.clsNmse].map((nmse) => ({ time: time(chosen), nmse }));
  const svg = library.draw(
    {
      width: 760,
      height: 460,
      marginLeft: 60,
      marginTop: 84,
      marginRight: 60,
      marginBottom: 66,
      style: { background: '#ffffff', color: '#222222', fontFamily: 'sans-serif', fontSize: '13px' },
      x: { domain: [0, widest] },
      y: { type: 'log', domain: [10 ** from, 10 ** to] },
      marks: [
        plot.gridY(decadeTicks(from, to), { strokeOpacity: 0.15 }),
        plot.axisY(decadeTicks(from, to), { text: decadeLabel, label: null }),
        plot.text(['largest NMSE of an image (logarithmic)'], {
          frameAnchor: 'top-left',
          textAnchor: 'start',
          dx: -50,
          dy: -28,
        }),
        plot.axisX({
          label: "time of an image, as a part of float32's; beside the marks: linear layers in float32",
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        plot.ruleX([1], { stroke: '#888888', strokeDasharray: '2 4' }),
        plot.text(['float32'], {
          x: 1,
          frameAnchor: 'bottom',
          dy: -6,
          dx: -4,
          textAnchor: 'end',
          fill: '#555555',
        }),
        plot.ruleY([bound], { stroke: colours.bound, strokeDasharray: '8 4', strokeWidth: 1.5 }),
        plot.text([`bound ${formatBound(bound)}`], {
          y: bound,
          frameAnchor: 'left',
          textAnchor: 'start',
          dx: 6,
          dy: -9,
          fill: colours.bound,
        }),
        plot.dot(states, { ...at, fill: colours.state, r: 4.5 }),
        plot.dot(classTokens, { ...at, fill: colours.cls, symbol: 'triangle', r: 4.5 }),
        plot.dot(ring.filter(isDrawn), { ...at, stroke: colours.chosen, r: 9, strokeWidth: 1.5 }),
        plot.text(labelled(frontier, time), {
          x: 'time',
          y: 'nmse',
          text: 'label',
          dx: 10,
          textAnchor: 'start',
          fill: '#333333',
        }),
        plot.text([`${model.id}${model.synthetic ? ' (synthetic weights)' : ''}`], {
          frameAnchor: 'top-left',
          dy: -64,
          dx: -50,
          fontSize: 15,
          fontWeight: 'bold',
          textAnchor: 'start',
        }),
        plot.text(['● full state'], {
          frameAnchor: 'top-right',
          dy: -42,
          dx: -70,
          textAnchor: 'end',
          fill: colours.state,
        }),
        plot.text(['▲ CLS'], { frameAnchor: 'top-right', dy: -42, textAnchor: 'end', fill: colours.cls }),
      ],
    },
    `Error against time of ${model.id} with linear layers in int8`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${withNamespace(svg.toString())}\n`;
}

function isDrawn({ nmse }: Mark): boolean {
  return nmse > 0 && Number.isFinite(nmse);
}

/** Each point's name beside the larger of its errors. */
function labelled(frontier: readonly FrontierPoint[], time: (point: FrontierPoint) => number) {
  return frontier.map((point) => ({
    time: time(point),
    nmse: Math.max(point.nmse, point.clsNmse),
    label: point.kind === 'plain' ? 'int8' : String(point.float32.length),
  }));
}

/** A file of its own needs what a page knows without. */
function withNamespace(svg: string): string {
  return svg.includes('xmlns=') ? svg : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}
