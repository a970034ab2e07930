import { html } from '../html';
import { axisTicks } from './axis-ticks';

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

interface CurveOptions {
  /** Axis label of the values: name and unit. */
  readonly label: string;
  /** Spaces values by their logarithm. */
  readonly logarithmic?: boolean;
  /** Marks each point. */
  readonly dots?: boolean;
}

const WIDTH = 480;
const HEIGHT = 200;
/** Space for tick labels and axis titles: left, top, right, bottom. */
const MARGIN = [72, 10, 16, 40] as const;

/** Maximum number of points drawn; longer curves are averaged. */
const POINTS = 400;

/** A value plotted over the steps, with both axes labelled, as a figure with an SVG. Empty without points. */
export function curve(
  title: string,
  points: readonly CurvePoint[],
  { label, logarithmic = false, dots = false }: CurveOptions,
): string {
  const shown = thin(points);
  if (shown.length === 0) return '';
  const scale = logarithmic ? Math.log : (value: number) => value;
  const [first, last] = range(shown.map(({ step }) => step));
  const [low, high] = range(shown.map(({ value }) => value));
  const x = (step: number) => round(((step - first) / (last - first || 1)) * WIDTH);
  const y = (value: number) =>
    round(HEIGHT - ((scale(value) - scale(low)) / (scale(high) - scale(low) || 1)) * HEIGHT);
  const path = shown.map(({ step, value }) => `${x(step)},${y(value)}`).join(' ');
  const marks = dots
    ? shown.map(
        ({ step, value }) =>
          `<circle cx="${x(step)}" cy="${y(value)}" r="2.5"><title>step ${step}: ${short(value)}</title></circle>`,
      )
    : [];
  const across = axisTicks(low, high, logarithmic).map(
    (value) =>
      `<path class="grid" d="M0 ${y(value)}H${WIDTH}"/><text x="-6" y="${y(value) + 4}" text-anchor="end">${short(value)}</text>`,
  );
  const along = axisTicks(first, last, false)
    .filter(Number.isInteger)
    .map(
      (step) =>
        `<path class="grid" d="M${x(step)} 0V${HEIGHT}"/><text x="${x(step)}" y="${HEIGHT + 16}" text-anchor="middle">${step}</text>`,
    );
  const [left, top, right, bottom] = MARGIN;
  const box = `${-left} ${-top} ${WIDTH + left + right} ${HEIGHT + top + bottom}`;
  const titles =
    `<text x="${WIDTH / 2}" y="${HEIGHT + 34}" text-anchor="middle">step</text>` +
    `<text x="${-HEIGHT / 2}" y="${14 - left}" text-anchor="middle" transform="rotate(-90)">${html(label)}</text>`;
  return `<figure><figcaption>${html(title)}</figcaption>
<svg viewBox="${box}" role="img" aria-label="${html(title)}">${across.join('')}${along.join('')}<path class="axis" d="M0 0V${HEIGHT}H${WIDTH}"/><polyline class="line" points="${path}"/>${marks.join('')}${titles}</svg></figure>`;
}

/** Averages consecutive points until there are few enough to draw. */
function thin(points: readonly CurvePoint[]): CurvePoint[] {
  const run = Math.ceil(points.length / POINTS);
  const means: CurvePoint[] = [];
  for (let from = 0; from < points.length; from += run) {
    const part = points.slice(from, from + run);
    const value = part.reduce((sum, point) => sum + point.value, 0) / part.length;
    means.push({ step: part[part.length - 1]!.step, value });
  }
  return means;
}

const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
const round = (value: number): number => Number(value.toFixed(1));
const short = (value: number): string => String(Number(value.toPrecision(3)));
