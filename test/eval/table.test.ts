import { describe, expect, it } from 'vitest';
import { closeUp, crop, smoothestSquare, unevenSquare } from '../../src/eval/close-up';
import { comparePictures, picturesOf } from '../../src/eval/compare';
import { METRIC_NAMES, measure, metricsFor } from '../../src/eval/metrics/measure';
import { reportPage } from '../../src/eval/report';
import { bootstrapMean, summarise } from '../../src/eval/statistics';
import { buildTable, formatTable, type PictureResults } from '../../src/eval/table';
import { testPicture } from './procedural';

describe('statistics', () => {
  it('mean and deviation', () => {
    expect(summarise([1, 2, 3, 4])).toEqual({ count: 4, mean: 2.5, deviation: Math.sqrt(5 / 3) });
    expect(summarise([7])).toEqual({ count: 1, mean: 7, deviation: 0 });
    expect(summarise([])).toBeNull();
  });

  it('the bootstrap interval is about 1.96 standard errors wide, and the same each time', () => {
    const values = Array.from({ length: 400 }, (_, i) => Math.sin(12.9 * i) * 3 + 1);
    const { deviation } = summarise(values)!;
    const alone = values.map((value) => [value]);
    const { mean, low, high } = bootstrapMean(alone, 1)!;
    expect(mean).toBeCloseTo(summarise(values)!.mean, 12);
    const error = (1.96 * deviation) / Math.sqrt(400);
    expect(Math.abs((mean - low) / error - 1)).toBeLessThan(0.1);
    expect(Math.abs((high - mean) / error - 1)).toBeLessThan(0.1);
    expect(bootstrapMean(alone, 1)).toEqual(bootstrapMean(alone, 1));
    expect(bootstrapMean([[1, 2]], 1)).toBeNull();
    expect(bootstrapMean([[2], [2], [2]], 1)).toEqual({ mean: 2, low: 2, high: 2 });
  });

  it('draws whole groups: repeated values within a group add no information', () => {
    const once = Array.from({ length: 40 }, (_, i) => [Math.sin(12.9 * i)]);
    const fourTimes = once.map(([value]) => [value!, value!, value!, value!]);
    const [a, b] = [once, fourTimes].map((groups) => bootstrapMean(groups, 1)!);
    expect(b!.low).toBeCloseTo(a!.low, 12);
    expect(b!.high).toBeCloseTo(a!.high, 12);
    // A large group counts by its size, in the mean and in the samples.
    const uneven = bootstrapMean([[0], [1, 1, 1]], 1)!;
    expect([uneven.mean, uneven.low, uneven.high]).toEqual([0.75, 0, 1]);
  });
});

describe('measure', () => {
  const image = testPicture(60, 50);

  it('gives a reason for a missing number', () => {
    expect(measure('tmqi', { image }, {})).toEqual({ reason: 'needs the HDR picture' });
    expect(measure('ssim', { image }, {})).toEqual({ reason: 'needs a target' });
    expect(measure('brisque', { image }, {})).toEqual({ reason: 'needs a model' });
    expect(measure('psnr', { image, target: { ...image } }, {})).toEqual({
      reason: 'infinite: equal to the target',
    });
    const model = { mean: new Float64Array(36), covariance: new Float64Array(36 * 36) };
    expect(measure('niqe', { image }, { niqe: model })).toEqual({
      reason: expect.stringMatching(/two patches/),
    });
  });

  it('knows what metrics need', () => {
    expect(metricsFor([])).toEqual(['entropy', 'entropy-linear', 'niqe', 'brisque']);
    expect(metricsFor(['hdr', 'target'])).toEqual(METRIC_NAMES);
    expect(METRIC_NAMES.length).toBe(10);
  });

  it('measures all methods of a picture', () => {
    const task = {
      image,
      target: testPicture(60, 50, 2),
      baselines: ['he', 'cache'],
      outputs: { mine: testPicture(60, 50, 3) },
      metrics: ['entropy', 'psnr', 'ciede2000'],
      withoutGlobal: [],
    } as const;
    const results = comparePictures(picturesOf(task), task, {});
    expect(Object.keys(results)).toEqual(['input', 'he', 'cache', 'mine', 'target']);
    const itself = { reason: 'is the target itself' };
    expect(results.target).toEqual({ entropy: expect.anything(), psnr: itself, ciede2000: itself });
    expect(results.mine?.psnr).toEqual(
      measure('psnr', { image: task.outputs.mine, target: task.target }, {}),
    );
  });
});

const PICTURES: readonly PictureResults[] = [
  {
    name: 'first <b>',
    source: 'one',
    methods: {
      input: { entropy: { value: 4 }, niqe: { value: 3 } },
      mine: { entropy: { value: 6 }, niqe: { value: 5 } },
    },
  },
  {
    name: 'second',
    source: 'two',
    methods: {
      input: { entropy: { value: 5 }, niqe: { reason: 'too small' } },
      mine: { entropy: { value: 6.5 }, niqe: { value: 7 } },
    },
  },
];
const METHODS = [
  { name: 'input', title: 'input' },
  { name: 'mine', title: 'mine & more' },
];
const table = () => buildTable(PICTURES, METHODS, ['entropy', 'niqe'], { ours: 'mine', seed: 1 });

describe('the table', () => {
  it('compares the methods picture by picture, and says what is missing', () => {
    const [entropy, niqe] = table().rows;
    expect(entropy?.best).toBe('mine');
    expect(entropy?.cells[0]).toMatchObject({
      count: 2,
      mean: 4.5,
      missing: {},
      difference: { mean: -1.75 },
    });
    expect(entropy?.cells[0]?.difference?.low).toBe(-2);
    expect(entropy?.cells[0]?.difference?.high).toBe(-1.5);
    expect(entropy?.cells[1]?.difference).toBeNull();
    expect(niqe?.best).toBe('input');
    expect(niqe?.cells[0]).toMatchObject({
      count: 1,
      mean: 3,
      difference: null,
      missing: { 'too small': 1 },
    });
  });

  it('does not rank the ceiling, and has no interval for a single scene', () => {
    const methods = [{ name: 'input', title: 'input', isCeiling: true }, ...METHODS.slice(1)];
    const { rows } = buildTable(PICTURES, methods, ['niqe'], { ours: 'mine', seed: 1 });
    expect(rows[0]?.best).toBe('mine');
    const oneScene = PICTURES.map((picture) => ({ ...picture, source: 'one' }));
    const [entropy] = buildTable(oneScene, METHODS, ['entropy'], { ours: 'mine', seed: 1 }).rows;
    expect(entropy?.cells[0]).toMatchObject({ mean: 4.5, difference: null });
  });

  it('can be printed as text', () => {
    const text = formatTable(table());
    expect(text).toMatch(
      /^mean ± sd +input +mine & more\nEntropy \(grey\), bit +4\.500 ± 0\.707 +\*6\.250 ± 0\.354\n/,
    );
    expect(text).toMatch(/difference to ours.*\nEntropy.* -1\.750 \[-2\.000, -1\.500\] +-\n/);
    expect(text).toMatch(/NIQE: 1 without a value: too small/);
    expect(text).not.toMatch(/BRISQUE/);
  });
});

describe('the report', () => {
  it('contains table, plots and pictures, and is self-contained', () => {
    const uri = 'data:image/jpeg;base64,AAAA';
    const pictures = { input: uri, mine: uri, target: uri };
    const images = PICTURES.map(() => ({ pictures, closeUps: { input: uri }, blocks: {} }));
    const page = reportPage({ table: table(), pictures: PICTURES, images, facts: ['2 pictures'] });
    expect(page.match(/<img /g)?.length).toBe(6);
    expect(page.match(/<circle /g)?.length).toBe(3);
    expect(page).toContain('first &lt;b&gt;');
    expect(page).toContain('mine &amp; more');
    expect(page).not.toMatch(/first <b>|https?:|src="(?!data:)/);
    // Ours has the lower entropy on the first picture.
    expect(page.indexOf('<h3>first')).toBeLessThan(page.indexOf('<h3>second'));
  });
});

describe('the effect of the global encoder', () => {
  const uri = 'data:image/png;base64,BBBB';
  const methods = [
    { name: 'input', title: 'input' },
    { name: 'mine', title: 'mine' },
    { name: 'without', title: 'without global', withoutGlobal: true },
  ];
  const pictures = [1, 5, 2, 4, 3].map((gain) => ({
    name: `gain ${gain}`,
    source: 'scene',
    methods: { mine: { psnr: { value: 20 } }, without: { psnr: { value: 20 - gain } } },
  }));
  const images = pictures.map(() => {
    const all = { input: uri, mine: uri, without: uri, target: uri };
    return { pictures: all, closeUps: {}, blocks: all };
  });
  const page = (ours: string) =>
    reportPage({
      table: buildTable(pictures, methods, ['psnr'], { ours, seed: 1 }),
      ...{ pictures, images, facts: [] },
    });

  it('is shown by the three pictures that lose most without it', () => {
    const [, section = ''] = /<h2>What the global encoder is for<\/h2>(.*?)<h2>/s.exec(page('mine')) ?? [];
    expect([...section.matchAll(/<h3>gain (\d)/g)].map(([, gain]) => gain)).toEqual(['5', '4', '3']);
    // Input, without, ours and target, each whole and as a detail.
    expect(section.match(/<img /g)?.length).toBe(3 * 4 * 2);
  });

  it('has no section if that model is ours, or absent', () => {
    expect(page('without')).not.toContain('global encoder is for');
  });

  it('shows where the error varies most from block to block', () => {
    const target = testPicture(64, 64);
    const data = target.data.slice();
    for (let y = 32; y < 64; y++) {
      for (let x = 0; x < 16; x++) data.fill(0, 3 * (64 * y + x), 3 * (64 * y + x) + 3);
    }
    const square = unevenSquare({ ...target, data }, target);
    expect(square).toEqual({ x: 0, y: 32, side: 32 });
    expect(crop({ ...target, data }, square!).data.slice(0, 3 * 16)).toEqual(new Uint8Array(48));
    expect(unevenSquare(testPicture(8, 8), testPicture(8, 8))).toBeNull();
  });
});

describe('a close-up', () => {
  it('shows the smoothest place that is neither black nor clipped', () => {
    const noise = testPicture(64, 64);
    const image = { ...noise, data: noise.data.slice() };
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const at = 3 * (64 * y + x);
        if (x < 16 && y < 16) image.data.fill(0, at, at + 3);
        if (x >= 40 && x < 56 && y >= 24 && y < 40) image.data.fill(100 + (x >> 3), at, at + 3);
      }
    }
    const square = smoothestSquare(image);
    expect(square).toEqual({ x: 40, y: 24, side: 16 });
    const { width, height, data } = closeUp(image, square!);
    expect([width, height]).toEqual([16, 16]);
    // A step of one level from 105 to 106, about its mean 105.5, four times as high.
    expect([data[0], data[3 * 15]]).toEqual([126, 130]);
    expect(smoothestSquare({ ...image, data: new Uint8Array(image.data.length) })).toBeNull();
  });
});
