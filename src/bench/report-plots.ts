import { html } from '../html';
import { type ClockName, type Peak, peakRates } from './results';
import { number } from './table';

/** An operator in the roofline: operations per byte, and billions of operations per second. */
interface RooflinePoint {
  readonly name: string;
  readonly intensity: number;
  readonly gflops: number;
}

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = 60;
/** Half of the widest label of the axis stays within the picture. */
const RIGHT = 30;

/** Speed over intensity, both logarithmic, below the limits of copying and multiply-adds. */
export function roofline(points: readonly RooflinePoint[], peak: Peak, clock: ClockName): string {
  const { gflops: top, gbps } = peakRates(peak, clock);
  if (top === null || gbps === null) return '';
  const x = logScale([...points.map(({ intensity }) => intensity), top / gbps], MARGIN, WIDTH - RIGHT);
  const y = logScale([...points.map(({ gflops }) => gflops), top], HEIGHT - MARGIN, 10);
  const roof = [x.low, top / gbps, x.high].map((at) => `${x.at(at)},${y.at(Math.min(top, at * gbps))}`);
  const dots = points.map(
    ({ name, intensity, gflops }) =>
      `<circle cx="${x.at(intensity)}" cy="${y.at(gflops)}" r="4"><title>${html(name)}: ${number(gflops)} GFLOP/s</title></circle>`,
  );
  return `<div class="wide"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Roofline">
${x.ticks.map((tick) => `<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="10" y2="${HEIGHT - MARGIN}"/><text x="${x.at(tick)}" y="${HEIGHT - MARGIN + 16}" text-anchor="middle">${tick}</text>`).join('')}
${y.ticks.map((tick) => `<line class="grid" x1="${MARGIN}" x2="${WIDTH - RIGHT}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text x="${MARGIN - 6}" y="${y.at(tick) + 4}" text-anchor="end">${tick}</text>`).join('')}
<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">operations per byte</text>
<text x="12" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 12 ${HEIGHT / 2})">GFLOP/s</text>
<polyline class="roof" points="${roof.join(' ')}"/>
${dots.join('\n')}
</svg></div>`;
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Whole powers of ten around the values, mapped to a range of positions. */
function logScale(values: readonly number[], from: number, to: number): Scale {
  const logs = values.map(Math.log10);
  const first = Math.floor(Math.min(...logs));
  const last = Math.max(first + 1, Math.ceil(Math.max(...logs)));
  const at = (value: number) =>
    Number((from + ((Math.log10(value) - first) / (last - first)) * (to - from)).toFixed(1));
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => 10 ** (first + k));
  return { low: 10 ** first, high: 10 ** last, ticks, at };
}

/** Bars with their names and values, in the given order. */
export function bars(
  rows: readonly { readonly name: string; readonly value: number }[],
  unit: string,
): string {
  const longest = Math.max(...rows.map(({ value }) => value), 1e-9);
  const lines = rows.map(
    ({ name, value }) =>
      `<li><span>${html(name)}</span><meter min="0" max="1" value="${(value / longest).toFixed(4)}">${number(value)}</meter><b>${number(value)} ${unit}</b></li>`,
  );
  return `<ol class="bars">${lines.join('\n')}</ol>`;
}
