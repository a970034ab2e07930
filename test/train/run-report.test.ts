import { describe, expect, test } from 'vitest';
import { axisTicks } from '../../src/train/axis-ticks';
import { curve } from '../../src/train/curve';
import { packPreviews, unpackPreviews } from '../../src/train/page/protocol';
import { runReport } from '../../src/train/run-report';

describe('a curve', () => {
  test('draws every point between its smallest and its largest value', () => {
    const svg = curve(
      'Loss',
      [1, 10, 100].map((value, i) => ({ step: i + 1, value })),
      { label: 'loss, logarithmic', logarithmic: true },
    );
    expect(svg).toMatch(/>step<\/text>.*>loss, logarithmic<\/text>/);
    for (const tick of [1, 10, 100]) expect(svg).toContain(`text-anchor="end">${tick}</text>`);
    // On a logarithmic scale powers of ten lie evenly; the largest is on top.
    expect(svg).toContain('points="0,200 240,100 480,0"');
    expect(curve('Loss', [], { label: 'loss' })).toBe('');
  });

  test('averages points if there are too many to draw', () => {
    const points = Array.from({ length: 1000 }, (_, i) => ({ step: i + 1, value: i }));
    const drawn = /points="([^"]*)"/.exec(curve('Loss', points, { label: 'loss' }))![1]!.split(' ');
    expect(drawn.length).toBe(334);
  });
});

test('ticks are round values within an axis', () => {
  expect(axisTicks(1, 1000, false)).toEqual([200, 400, 600, 800, 1000]);
  expect(axisTicks(0.1, 0.5, false)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  expect(axisTicks(0.003, 40, true)).toEqual([0.01, 0.1, 1, 10]);
  expect(axisTicks(0.03, 0.4, true)).toEqual([0.05, 0.1, 0.2]);
  expect(axisTicks(19.5, 24.3, true)).toEqual([20, 21, 22, 23, 24]);
  expect(axisTicks(7, 7, false)).toEqual([7]);
});

describe('the report of a run', () => {
  test('escapes its inputs, and says when nothing has been measured', () => {
    const page = runReport({
      title: 'a <b>',
      facts: ['x & y'],
      settings: [['loss', 'mse & more']],
      config: '{"a": "<"}',
      lines: [],
      previews: [],
    });
    expect(page).toContain('<h1>a &lt;b&gt;</h1>');
    expect(page).toContain('x &amp; y');
    expect(page).toContain('No validation has been made yet.');
    expect(page).toContain('<td>mse &amp; more</td>');
    expect(page).not.toContain('<svg');
  });
});

test('previews survive the transfer from page to harness', () => {
  const image = (value: number) => new Uint8Array(12).fill(value);
  const previews = [0, 3].map((at) => ({
    size: 2,
    input: image(at),
    output: image(at + 1),
    target: image(at + 2),
  }));
  expect(unpackPreviews(packPreviews(previews), 2)).toEqual(previews);
});
