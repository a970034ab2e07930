import { describe, expect, test } from 'vitest';
import { curve } from '../../src/train/curve';
import { packPreviews, unpackPreviews } from '../../src/train/page/protocol';
import { runReport } from '../../src/train/run-report';

describe('a curve', () => {
  test('draws every point between its least and its largest value', () => {
    const svg = curve(
      'Loss',
      [1, 10, 100].map((value, i) => ({ step: i + 1, value })),
      { logarithmic: true },
    );
    // On a logarithmic scale powers of ten lie evenly; the largest is on top.
    expect(svg).toContain('points="0,200 240,100 480,0"');
    expect(curve('Loss', [], {})).toBe('');
  });

  test('averages what is too much to draw', () => {
    const points = Array.from({ length: 1000 }, (_, i) => ({ step: i + 1, value: i }));
    const drawn = /points="([^"]*)"/.exec(curve('Loss', points, {}))![1]!.split(' ');
    expect(drawn.length).toBe(334);
  });
});

describe('the report of a run', () => {
  test('escapes what it is told, and says when nothing has been measured', () => {
    const page = runReport({
      title: 'a <b>',
      facts: ['x & y'],
      config: '{"a": "<"}',
      lines: [],
      previews: [],
    });
    expect(page).toContain('<h1>a &lt;b&gt;</h1>');
    expect(page).toContain('x &amp; y');
    expect(page).toContain('No validation has been made yet.');
    expect(page).not.toContain('<svg');
  });
});

test('previews survive the way from page to harness', () => {
  const image = (value: number) => new Uint8Array(12).fill(value);
  const previews = [0, 3].map((at) => ({
    size: 2,
    input: image(at),
    output: image(at + 1),
    target: image(at + 2),
  }));
  expect(unpackPreviews(packPreviews(previews), 2)).toEqual(previews);
});
