import { html } from '../html';

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

const WIDTH = 480;
const HEIGHT = 200;

/** The most points drawn; longer curves are averaged. */
const POINTS = 400;

/** A figure with an SVG of values over steps; empty without points. */
export function curve(
  title: string,
  points: readonly CurvePoint[],
  { logarithmic = false, dots = false }: { logarithmic?: boolean; dots?: boolean },
): string {
  const shown = thin(points);
  if (shown.length === 0) return '';
  const scale = logarithmic ? Math.log : (value: number) => value;
  const [first, last] = range(shown.map(({ step }) => step));
  const values = shown.map(({ value }) => value);
  const [low, high] = range(values.map(scale));
  const x = (step: number) => round(((step - first) / (last - first || 1)) * WIDTH);
  const y = (value: number) => round(HEIGHT - ((scale(value) - low) / (high - low || 1)) * HEIGHT);
  const path = shown.map(({ step, value }) => `${x(step)},${y(value)}`).join(' ');
  const marks = dots
    ? shown.map(
        ({ step, value }) =>
          `<circle cx="${x(step)}" cy="${y(value)}" r="2.5"><title>step ${step}: ${short(value)}</title></circle>`,
      )
    : [];
  const lines = [Math.max(...values), Math.min(...values)].map(
    (value) =>
      `<path class="grid" d="M0 ${y(value)}H${WIDTH}"/><text x="-4" y="${y(value)}" text-anchor="end">${short(value)}</text>`,
  );
  return `<figure><figcaption>${html(title)}</figcaption>
<svg viewBox="-56 -8 ${WIDTH + 64} ${HEIGHT + 28}" role="img" aria-label="${html(title)}">${lines.join('')}<polyline class="line" points="${path}"/>${marks.join('')}<text y="${HEIGHT + 16}">step ${first}</text><text x="${WIDTH}" y="${HEIGHT + 16}" text-anchor="end">step ${last}</text></svg></figure>`;
}

/** Averages consecutive points until few enough remain. */
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
