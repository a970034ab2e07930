import { describe, expect, it } from 'vitest';
import { decodeHdr } from '../../src/data/hdr-file';
import { brisque, brisqueFeatures } from '../../src/eval/metrics/brisque';
import { parseBrisqueModel } from '../../src/eval/metrics/brisque-model';
import { niqe, niqePatches } from '../../src/eval/metrics/niqe';
import { parseNiqeModel } from '../../src/eval/metrics/niqe-model';
import { tmqi } from '../../src/eval/metrics/tmqi';
import { goldenBytes, largestDifference } from '../data/golden';
import { haveGoldens, referenceText, rgbGolden, scoredFiles, tmqiScenes, units } from './reference';

/** Well inside the tolerances of the goldens (NIQE 0.01, BRISQUE 0.05, TMQI 1e-5): what double precision allows. */
const NIQE = 1e-6;
const BRISQUE = 1e-5;
const TMQI = 1e-8;

describe.skipIf(!haveGoldens)('golden metrics', () => {
  it('NIQE, with flat areas set to zero', async () => {
    const model = parseNiqeModel(referenceText('models/niqe_pristine.json'), 'niqe_pristine.json');
    for (const { file, metrics } of scoredFiles()) {
      const score = niqe(await rgbGolden(file), model);
      expect(Math.abs(score - metrics.niqe_snapped), file).toBeLessThan(NIQE);
      const noise = 2 * Math.abs(metrics.niqe - metrics.niqe_snapped) + 0.1;
      expect(Math.abs(score - metrics.niqe), file).toBeLessThan(metrics.flat_fraction === 0 ? NIQE : noise);
    }
  });

  it('features and sharpness of NIQE', async () => {
    const { features, sharpness } = niqePatches(await rgbGolden('astronaut.png'));
    const reference = units();
    // The reference lists its patches column by column.
    [0, 2, 1, 3].forEach((patch, k) => {
      expect(
        largestDifference(features[patch] ?? [], reference.niqe_astronaut.features[k] ?? []),
      ).toBeLessThan(1e-10);
    });
    expect(largestDifference(sharpness, reference.niqe_astronaut_sigma_block_means.flat())).toBeLessThan(
      1e-9,
    );
  });

  it('BRISQUE, with flat areas set to zero', async () => {
    const text = (file: string) => ({ name: file, text: referenceText(`models/${file}`) });
    const model = parseBrisqueModel(text('brisque_live_allmodel.txt'), text('brisque_live_allrange.txt'));
    for (const { file, metrics } of scoredFiles()) {
      const image = await rgbGolden(file);
      const score = brisque(image, model);
      expect(Math.abs(score - metrics.brisque_snapped), file).toBeLessThan(BRISQUE);
      const noise = 2 * Math.abs(metrics.brisque - metrics.brisque_snapped) + 0.2;
      expect(Math.abs(score - metrics.brisque), file).toBeLessThan(
        metrics.flat_fraction === 0 ? BRISQUE : noise,
      );
      if (metrics.flat_fraction > 0 || !metrics.brisque_features) continue;
      const features = brisqueFeatures(image);
      metrics.brisque_features.forEach((feature, i) => {
        expect(Math.abs((features[i] as number) - feature) / Math.abs(feature), `${file} ${i}`).toBeLessThan(
          1e-6,
        );
      });
    }
  });

  it('TMQI', async () => {
    for (const { scene, pictures } of tmqiScenes()) {
      const hdr = decodeHdr(goldenBytes(scene));
      for (const [file, golden] of Object.entries(pictures)) {
        const { quality, fidelity, naturalness, localFidelity } = tmqi(hdr, await rgbGolden(file));
        expect(Math.abs(quality - golden.Q), file).toBeLessThan(TMQI);
        expect(Math.abs(fidelity - golden.S), file).toBeLessThan(TMQI);
        expect(Math.abs(naturalness - golden.N), file).toBeLessThan(TMQI);
        expect(largestDifference(localFidelity, golden.s_local), file).toBeLessThan(2e-7);
      }
    }
  });
});
