import { html } from '../html';
import { bars, roofline } from './report-plots';
import { type BenchResult, type ClockName, type Comparison, speedOf } from './results';
import type { BenchOutcome } from './run';
import { formatProfile, formatResult } from './table';

/** A self-contained page: a roofline, ratios to opponents, time by operator, and the numbers. */
export function benchPage(result: BenchResult, profiles: BenchOutcome['profiles'], clock: ClockName): string {
  const { bench, environment, peak, rows } = result;
  const points = rows.flatMap((row) => {
    const { gflops } = speedOf(row.ours, row.work, peak, clock);
    const intensity = row.work && row.work.bytes > 0 ? row.work.flops / row.work.bytes : 0;
    return gflops !== null && intensity > 0 ? [{ name: row.name, intensity, gflops }] : [];
  });
  const comparisons = rows.flatMap((row) =>
    row.comparisons
      .filter((comparison): comparison is Comparison => 'ratio' in comparison)
      .map((comparison) => ({ name: row.name, comparison })),
  );
  const times = rows.map((row) => ({ name: row.name, value: row.ours[clock]?.median ?? 0 }));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>glocal bench ${bench}</title>
<style>${STYLE}</style>
<h1>glocal bench ${bench}</h1>
<ul>${Object.entries(environment)
    .map(([name, value]) => `<li>${name}: ${html(String(value))}</li>`)
    .join(
      '',
    )}<li>commits: ${html([...new Set(rows.map(({ commit }) => commit ?? 'unknown'))].join(', '))}</li></ul>
${peak.isMeaningless ? '<p>Peak: not measured (--quick), so there is no roofline and no share of it.</p>\n' : ''}${section('Roofline', 'Below the slope copying limits, below the level multiply-adds. Each point is an operator; bytes are what it must move at least.', points.length > 0 ? roofline(points, peak, clock) : '')}
${section(
  'Against others',
  'How many times as long they take, median of pairs.',
  comparisons.length > 0
    ? bars(
        comparisons.map(({ name, comparison }) => ({
          name: `${name}: ${comparison.opponent}`,
          value: (clock === 'wall' ? comparison.ratio : comparison.cpuRatio)?.median ?? 0,
        })),
        'x',
      )
    : '',
)}
${section('Time', clock === 'wall' ? 'Milliseconds on the wall.' : 'Milliseconds of the processor.', times.length > 0 ? bars(times, 'ms') : '')}
${profiles
  .map((profile) =>
    section(
      profile.name,
      'Milliseconds by kernel.',
      bars(
        profile.byKernel.map(({ name, ms }) => ({ name, value: ms })),
        'ms',
      ),
    ),
  )
  .join('\n')}
<h2>Numbers</h2>
<pre>${html([formatResult(result, clock), ...profiles.map((profile) => formatProfile(profile, peak))].join('\n\n'))}</pre>
</html>
`;
}

const section = (title: string, text: string, picture: string): string =>
  picture === '' ? '' : `<h2>${html(title)}</h2>\n<p>${html(text)}</p>\n${picture}`;

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: currentColor; } svg line, svg polyline { stroke: currentColor; fill: none; }
svg .grid { opacity: .15; } svg .roof { stroke-width: 2; opacity: .7; }
svg circle { fill: #0072b2; }
.wide { overflow-x: auto; } .wide svg { min-width: 36rem; }
.bars { list-style: none; padding: 0; display: grid; grid-template-columns: minmax(0, auto) minmax(4rem, 1fr) auto; gap: .3rem .8rem; font-size: .85rem; }
.bars li { display: contents; } .bars span { overflow-wrap: anywhere; } .bars b { font-weight: 400; text-align: right; white-space: nowrap; }
meter { width: 100%; height: .8rem; align-self: center; appearance: none; background: none; border: 0; }
meter::-webkit-meter-bar { background: none; border: 0; height: .8rem; } meter::-webkit-meter-optimum-value { background: #0072b2; }
meter::-moz-meter-bar { background: #0072b2; }
@media (width < 40rem) { .bars { grid-template-columns: 1fr auto; } .bars span { grid-column: 1 / -1; } }
pre { overflow-x: auto; font-size: .85rem; }
`;
