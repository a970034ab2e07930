import { describe, expect, it } from 'vitest';
import { BINS, histogramOf } from '../../src/app/histogram';
import { ProgressText } from '../../src/app/progress-text';
import type { Progress } from '../../src/app/protocol';
import type { Photo } from '../../src/app/session';
import { DEFAULT_SETTINGS, SettingsStore, type Store } from '../../src/app/settings';
import { TimeLeft } from '../../src/app/time-left';

function memory(): Store {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

describe('SettingsStore', () => {
  it('keeps settings for the next visit', () => {
    const store = memory();
    new SettingsStore(store).change({ model: 'small', quality: 0.5, type: 'image/webp', language: 'ja' });
    expect(new SettingsStore(store).settings).toEqual({
      ...DEFAULT_SETTINGS,
      model: 'small',
      quality: 0.5,
      type: 'image/webp',
      language: 'ja',
    });
  });

  it.each(['', '[]', 'null', '{', '{"model":"huge","quality":7,"finish":"yes"}'])('survives "%s"', (kept) => {
    const store = { getItem: () => kept, setItem: () => {} };
    expect(new SettingsStore(store).settings).toEqual(DEFAULT_SETTINGS);
  });

  it('lasts for the visit if the browser stores nothing', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    for (const store of [null, full]) {
      const settings = new SettingsStore(store);
      settings.change({ keepHue: true });
      expect(settings.settings.keepHue).toBe(true);
    }
  });
});

describe('TimeLeft', () => {
  it('extrapolates from the progress so far, once there is some', () => {
    const left = new TimeLeft(1000);
    expect(left.seconds(0.5, 1500)).toBeNull();
    expect(left.seconds(0.01, 9000)).toBeNull();
    expect(left.seconds(0.25, 11_000)).toBe(30);
    expect(left.seconds(1, 41_000)).toBe(0);
  });
});

describe('ProgressText', () => {
  const photo = { file: new File([], 'a.jpg') } as Photo;

  it('is the share of compiled kernels while the first photo waits for them, then the time left', () => {
    const progress = new ProgressText();
    const after = (stage: Progress['stage'], fraction: number | null, seconds: number) =>
      progress.of(photo, { stage, fraction }, 1000 * seconds);
    expect(after('decoding', null, 0)).toBe('');
    expect(after('preparing', null, 1)).toBe('');
    expect(after('preparing', 3 / 12, 2)).toBe('25%');
    expect(after('preparing', 9 / 12, 30)).toBe('75%');
    // Time spent compiling does not count.
    expect(after('enhancing', 0, 40)).toBe('0%');
    expect(after('enhancing', 0.25, 44)).toBe('25%, 0:12 left');
    expect(progress.of(photo, null, 45_000)).toBe('');
    expect(after('enhancing', 0.5, 46)).toBe('50%');
  });

  it('estimates the next photo anew', () => {
    const progress = new ProgressText();
    const half = { stage: 'enhancing', fraction: 0.5 } as const;
    const other = { ...photo };
    expect(progress.of(photo, half, 0)).toBe('50%');
    expect(progress.of(photo, half, 4000)).toBe('50%, 0:04 left');
    expect(progress.of(other, half, 4000)).toBe('50%');
  });
});

describe('histogramOf', () => {
  it('counts pixels by brightness, weighted by their opacity', () => {
    const { bins, mean } = histogramOf(
      Uint8ClampedArray.of(0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 9, 9, 9, 0),
    );
    expect(bins[0]).toBeCloseTo(1 / 3);
    expect(bins[BINS - 1]).toBeCloseTo(2 / 3);
    expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    expect(mean).toBeCloseTo(2 / 3);
    expect(histogramOf(new Uint8ClampedArray(4)).mean).toBe(0);
  });
});
