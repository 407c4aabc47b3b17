type Colour = readonly [red: number, green: number, blue: number];

/** From dark to bright, each step brighter than the one before: it can be read without seeing hues. */
const stops: readonly Colour[] = [
  [20, 12, 48],
  [84, 20, 110],
  [160, 42, 98],
  [222, 88, 58],
  [250, 156, 40],
  [252, 236, 150],
];

/** The colour of a share from 0 (dark) to 1 (bright). */
export function heatColour(share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [stops[index] ?? [0, 0, 0], stops[index + 1] ?? [0, 0, 0]];
  const mixed = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place - index));
  return [mixed(0), mixed(1), mixed(2)];
}
