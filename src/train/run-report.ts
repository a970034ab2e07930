import { html } from '../html';
import { type CurvePoint, curve } from './curve';
import type { EventLine, LogLine, StepLine, ValidationLine } from './log';

/** A run as shown in its report. */
interface RunStory {
  readonly title: string;
  /** Lines about recipe, scenes and hardware. */
  readonly facts: readonly string[];
  /** The run's settings by name. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** The run's configuration as JSON, collapsed. */
  readonly config: string;
  readonly lines: readonly LogLine[];
  /** Strips of the same pairs as data URIs: inputs, outputs after some steps, and targets. */
  readonly previews: readonly { readonly title: string; readonly uri: string }[];
}

/** A self-contained page: curves, previews over time, configuration, hardware. */
export function runReport({ title, facts, settings, config, lines, previews }: RunStory): string {
  const losses = lines.filter((line): line is StepLine => 'loss' in line);
  const validations = lines.filter((line): line is ValidationLine => 'psnr' in line);
  const events = lines.filter((line): line is EventLine => 'event' in line);
  const points = (of: readonly LogLine[], value: (line: never) => number): CurvePoint[] =>
    of.map((line) => ({ step: line.step, value: value(line as never) }));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>glocal: ${html(title)}</title>
<style>${STYLE}</style>
<h1>${html(title)}</h1>
<ul>${[...facts, ...summary(losses, validations)].map((fact) => `<li>${html(fact)}</li>`).join('')}</ul>
<div class="curves">
${curve(
  'Loss (mean of neighbouring steps)',
  points(losses, ({ loss }: StepLine) => loss),
  { label: 'loss, logarithmic', logarithmic: true },
)}
${curve(
  'Validation',
  points(validations, ({ psnr }: ValidationLine) => psnr),
  { label: 'PSNR, dB', dots: true },
)}
${curve(
  'Learning rate',
  points(losses, ({ lr }: StepLine) => lr),
  { label: 'rate' },
)}
${curve(
  'Speed',
  points(losses, ({ imagesPerSecond }: StepLine) => imagesPerSecond),
  { label: 'images per second' },
)}
</div>
<h2>Scenes held out</h2>
${previews.length > 0 ? previewStrips(previews) : '<p>No validation has been made yet.</p>'}
<h2>What happened</h2>
<div class="wide"><table>${events.map(eventRow).join('')}</table></div>
<h2>Configuration</h2>
<div class="wide"><table>${settings.map(([name, value]) => `<tr><th scope="row">${html(name)}</th><td>${html(value)}</td></tr>`).join('')}</table></div>
<details><summary>config.json</summary><pre>${html(config)}</pre></details>
</html>
`;
}

/** Share of step time spent waiting for pairs, from 0 to 1. */
function waitingShare(steps: readonly StepLine[]): number {
  return steps.reduce((sum, { waiting }) => sum + waiting, 0) / Math.max(1, steps.length);
}

function summary(losses: readonly StepLine[], validations: readonly ValidationLine[]): string[] {
  const [last, latest] = [losses.at(-1), validations.at(-1)];
  return [
    ...(last ? [`After step ${last.step}: loss ${last.loss.toPrecision(3)}.`] : []),
    ...(latest
      ? [
          `Validation after step ${latest.step}: ${latest.psnr.toFixed(2)} dB; best ${latest.best.psnr.toFixed(2)} dB ` +
            `after step ${latest.best.step}.`,
        ]
      : []),
    ...(last
      ? [`Share of the steps spent waiting for pairs: ${(100 * waitingShare(losses)).toFixed(1)} %.`]
      : []),
  ];
}

const previewStrips = (previews: RunStory['previews']): string =>
  `<div class="strips">${previews
    .map(
      ({ title, uri }) => `<figure><img src="${uri}" alt=""><figcaption>${html(title)}</figcaption></figure>`,
    )
    .join('')}</div>`;

function eventRow({ time, step, event, runtime, adapter, message }: EventLine): string {
  const where = [runtime && `in ${runtime}`, adapter && `on ${adapter}`].filter(Boolean).join(' ');
  const cells = [time.slice(0, 19).replace('T', ' '), `step ${step}`, event, message ?? where];
  return `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.5rem; }
.strips { display: flex; gap: .5rem; overflow-x: auto; }
figure { margin: 0; }
.strips figure { flex: 0 0 9rem; font-size: .8rem; text-align: center; }
figcaption { font-weight: 600; }
img { width: 100%; display: block; }
svg { width: 100%; overflow: visible; }
svg text { fill: currentColor; font-size: 11px; }
svg .grid { stroke: #8884; } svg .axis { stroke: currentColor; fill: none; } svg .line { fill: none; stroke: #0072b2; stroke-width: 1.5; } svg circle { fill: #0072b2; }
th { text-align: left; font-weight: 400; opacity: .7; }
.wide { overflow-x: auto; }
td, th { padding: .1rem 1.2rem .1rem 0; vertical-align: top; }
pre { overflow-x: auto; font-size: .8rem; }
summary { cursor: pointer; margin-top: .5rem; }
`;
