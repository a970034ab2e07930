import { html } from '../html';
import type { Measurement, MetricName } from './metrics/measure';
import { type Cell, type Method, type PictureResults, type Row, remarks, type Table } from './table';

export interface Report {
  readonly table: Table;
  readonly pictures: readonly PictureResults[];
  /** One for each picture. */
  readonly images: readonly PictureImages[];
  /** Lines about its making: number and size, seed, hardware, scenes. */
  readonly facts: readonly string[];
}

/** Data URIs by method. */
export interface PictureImages {
  readonly pictures: Readonly<Record<string, string>>;
  /** A smooth place with exaggerated contrast. */
  readonly closeUps: Readonly<Record<string, string>>;
  /** The least even place of a model without a global encoder, unmodified. */
  readonly blocks: Readonly<Record<string, string>>;
}

/** Number of pictures shown first, those with our worst results. */
const WORST = 10;
/** Number of pictures that show the effect of the global encoder. */
const COMPARED = 3;

/** A self-contained page: the table, plots of each metric by picture, and the pictures side by side. */
export function reportPage(report: Report): string {
  const { table, pictures, facts } = report;
  const order = worstFirst(report);
  const worst = order.slice(0, WORST);
  const rest = order.slice(WORST).sort((a, b) => a - b);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>glocal: evaluation</title>
<style>${STYLE}</style>
<h1>Evaluation of ${html(titleOf(table, table.ours))}</h1>
<ul>${facts.map((fact) => `<li>${html(fact)}</li>`).join('')}</ul>
<h2>Table</h2>
${tableHtml(table)}
<ul>${remarks(table.rows)
    .map((remark) => `<li>${html(remark)}</li>`)
    .join('')}</ul>
<h2>Picture by picture</h2>
<p>Each point is a picture: across the value of ${html(titleOf(table, table.ours))}, upwards that of another method.
On the shaded side of the diagonal the other method is better.</p>
<div class="plots">${table.rows.map((row) => plot(row, report)).join('')}</div>
${globalEncoderSection(report)}<h2>The ${worst.length} worst cases for ${html(titleOf(table, table.ours))}</h2>
<p>Below each picture a smooth place, four times its contrast: where bands and blocks would show first.</p>
${worst.map((index) => strip(report, index)).join('\n')}
${rest.length > 0 ? `<h2>All others</h2>\n${rest.map((index) => strip(report, index)).join('\n')}` : ''}
<p>${pictures.length} pictures in all.</p>
</html>
`;
}

function tableHtml({ methods, ours, rows }: Table): string {
  const head = methods.map(({ title }) => `<th scope="col">${html(title)}</th>`).join('');
  const body = rows.map(
    (row) =>
      `<tr><th scope="row">${html(row.title)}<small>${row.better} is better</small></th>${row.cells
        .map((cell) => cellHtml(cell, row, ours))
        .join('')}</tr>`,
  );
  return `<div class="wide"><table><thead><tr><th></th>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>
<p>Mean ± standard deviation over the pictures; below, the difference to ours with its 95 % bootstrap interval over the scenes.</p>`;
}

function cellHtml(
  { method, count, mean, deviation, difference, missing }: Cell,
  { best }: Row,
  ours: string,
): string {
  if (mean === null) return `<td>–<small>${html(Object.keys(missing).join('; '))}</small></td>`;
  const lines = [`${short(mean)} ± ${short(deviation ?? 0)}`];
  if (method !== ours && difference) {
    lines.push(
      `<small>${signed(difference.mean)} [${signed(difference.low)}, ${signed(difference.high)}]</small>`,
    );
  }
  const blanks = Object.values(missing).reduce((sum, times) => sum + times, 0);
  if (blanks > 0) lines.push(`<small>of ${count} of ${count + blanks}</small>`);
  return `<td${method === best ? ' class="best"' : ''}>${lines.join('')}</td>`;
}

/** Side of a plot in SVG units. */
const PLOT = 200;

function plot({ metric, title, better }: Row, { table, pictures }: Report): string {
  const others = table.methods.filter(({ name }) => name !== table.ours);
  const points = pictures.flatMap(({ name, methods }) => {
    const x = numberOf(methods[table.ours]?.[metric]);
    if (x === null) return [];
    return others.flatMap((method, k) => {
      const y = numberOf(methods[method.name]?.[metric]);
      return y === null
        ? []
        : [{ x, y, k, label: `${name}, ${method.title}: ${short(y)}, ours ${short(x)}` }];
    });
  });
  if (points.length === 0) return '';
  const values = points.flatMap(({ x, y }) => [x, y]);
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const at = (value: number) => (((value - low) / range) * PLOT).toFixed(1);
  const dots = points.map(
    ({ x, y, k, label }) =>
      `<circle class="c${k % COLOURS.length}" cx="${at(x)}" cy="${(PLOT - Number(at(y))).toFixed(1)}" r="3"><title>${html(label)}</title></circle>`,
  );
  const shade = better === 'larger' ? `0,0 0,${PLOT} ${PLOT},0` : `${PLOT},${PLOT} 0,${PLOT} ${PLOT},0`;
  const legend = others.map(
    (method, k) => `<span><i class="c${k % COLOURS.length}"></i>${html(method.title)}</span>`,
  );
  return `<figure><figcaption>${html(title)}</figcaption>
<svg viewBox="-6 -6 ${PLOT + 12} ${PLOT + 12}" role="img" aria-label="${html(title)} by picture"><polygon points="${shade}"/><rect width="${PLOT}" height="${PLOT}"/>${dots.join('')}</svg>
<small>${short(low)} to ${short(low + range)}</small><p class="legend">${legend.join('')}</p></figure>`;
}

/**
 * The pictures on which a model without a global encoder falls furthest behind ours, with its least even place
 * (Kinoshita and Kiya 2019, figure 5); empty without such a model.
 */
function globalEncoderSection({ table, pictures, images }: Report): string {
  const without = table.methods.find(({ withoutGlobal }) => withoutGlobal);
  const row = table.rows.find(({ metric }) => metric === 'psnr') ?? table.rows[0];
  if (!without || !row || without.name === table.ours) return '';
  const sign = row.better === 'larger' ? 1 : -1;
  const gain = (index: number): number => {
    const of = (name: string) => numberOf(pictures[index]?.methods[name]?.[row.metric]);
    const [ours, theirs] = [of(table.ours), of(without.name)];
    return ours === null || theirs === null ? Number.NEGATIVE_INFINITY : sign * (ours - theirs);
  };
  const shown = pictures
    .map((_, index) => ({ index, gain: gain(index) }))
    .filter(({ index }) => Object.keys(images[index]?.blocks ?? {}).length > 0)
    .sort((a, b) => b.gain - a.gain || a.index - b.index)
    .slice(0, COMPARED);
  if (shown.length === 0) return '';
  const columns = [
    { name: 'input', title: 'input' },
    without,
    { name: table.ours, title: titleOf(table, table.ours) },
    { name: 'target', title: 'target' },
  ];
  const sections = shown.map(({ index }) => {
    const { pictures: whole = {}, blocks = {} } = images[index] ?? {};
    const figures = columns.flatMap((method) => {
      const uri = whole[method.name];
      if (uri === undefined) return [];
      return [
        figure(method, { uri, closeUp: blocks[method.name] }, pictures[index] as PictureResults, table),
      ];
    });
    return `<section><h3>${html(pictures[index]?.name ?? '')}</h3><div class="strip">${figures.join('')}</div></section>`;
  });
  return `<h2>What the global encoder is for</h2>
<p>The pictures on which ${html(without.title)} falls furthest behind by ${html(row.title)}. Below each the half of the
picture in which its error varies most from block to block.</p>
${sections.join('\n')}
`;
}

/** One picture by all methods, with its numbers below. */
function strip({ table, pictures, images }: Report, index: number): string {
  const picture = pictures[index] as PictureResults;
  const { pictures: shown = {}, closeUps = {} } = images[index] ?? {};
  const figures = table.methods.flatMap((method) => {
    const uri = shown[method.name];
    return uri === undefined ? [] : [figure(method, { uri, closeUp: closeUps[method.name] }, picture, table)];
  });
  return `<section><h3>${html(picture.name)}</h3><div class="strip">${figures.join('')}</div></section>`;
}

function figure(
  { name, title }: Method,
  { uri, closeUp }: { uri: string; closeUp: string | undefined },
  { methods }: PictureResults,
  { rows }: Table,
): string {
  const numbers = rows.flatMap(({ metric, title: label }) => {
    const value = numberOf(methods[name]?.[metric]);
    return value === null ? [] : [`<tr><td>${html(label)}</td><td>${short(value)}</td></tr>`];
  });
  const image = (source: string, what: string) => `<img src="${source}" alt="${html(what)}" loading="lazy">`;
  const detail =
    closeUp === undefined ? '' : `<div class="detail">${image(closeUp, `${title}, detail`)}</div>`;
  return `<figure>${image(uri, title)}${detail}<figcaption>${html(title)}</figcaption><table>${numbers.join('')}</table></figure>`;
}

/** Picture indices, worst for our method first, by the first metric in the table that it has values of. */
function worstFirst({ table, pictures }: Report): number[] {
  const score = (index: number, metric: MetricName) =>
    numberOf(pictures[index]?.methods[table.ours]?.[metric]);
  const row = table.rows.find(({ metric }) => pictures.some((_, index) => score(index, metric) !== null));
  const all = pictures.map((_, index) => index);
  if (!row) return all;
  const sign = row.better === 'larger' ? 1 : -1;
  const rank = (index: number) => sign * (score(index, row.metric) ?? sign * Infinity);
  return all.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b));
}

function numberOf(measurement: Measurement | undefined): number | null {
  return measurement && 'value' in measurement ? measurement.value : null;
}

const titleOf = ({ methods }: Table, name: string): string =>
  methods.find((method) => method.name === name)?.title ?? name;

const short = (value: number): string => value.toPrecision(Math.abs(value) >= 1000 ? 4 : 3);

const signed = (value: number): string => `${value >= 0 ? '+' : ''}${short(value)}`;

/** Colours for all types of colour vision (M. Okabe, K. Ito, 2008). */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#8c6bb1',
  '#666666',
  '#999933',
];

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 96rem; margin: 2rem auto; padding: 0 1rem; }
small { display: block; opacity: .7; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.wide td, .wide th { padding: .35rem .8rem; border-bottom: 1px solid #8884; text-align: right; white-space: nowrap; }
.wide small { max-width: 12rem; white-space: normal; }
.wide th[scope=row] { text-align: left; }
.best { font-weight: 700; }
.plots, .strip { display: flex; flex-wrap: wrap; gap: 1rem; }
.plots figure { width: 15rem; margin: 0; }
.strip figure { flex: 1 1 11rem; max-width: 16rem; margin: 0; font-size: .8rem; }
.strip table { width: 100%; }
.strip td:last-child { text-align: right; }
.strip figcaption, .plots figcaption { font-weight: 600; }
img { width: 100%; display: block; }
.detail img { image-rendering: pixelated; margin-top: .25rem; }
svg { width: 100%; } svg rect { fill: none; stroke: #8888; } svg polygon { fill: #8882; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem .8rem; margin: .2rem 0; font-size: .8rem; }
.legend i { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .3em; }
${COLOURS.map((colour, k) => `circle.c${k} { fill: ${colour}; fill-opacity: .8; } i.c${k} { background: ${colour}; }`).join('\n')}
`;
