import { expect, test } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { encodeWeights } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { openTestGpu } from '../support/gpu';
import { holdPipelines } from './fake-gpu';
import { randomImage, tinyWeights } from './support';

const bilateral = bilateralConfig({ width: 4, viewSize: 32, gridSize: 8, levels: 8, guideWidth: 5 });

test.each([
  ['local-global', tinyWeights()],
  ['bilateral-grid', encodeWeights(initialBilateralWeights(bilateral, 1), bilateral)],
])(
  'a %s network asks for all of its kernels at once when it is created, and for none later',
  async (_, model) => {
    const { gpu, asked, release } = holdPipelines(await openTestGpu());
    const enhancer = await Enhancer.create({ gpu, model });
    // Though none is finished: earlier ones in the network do not delay later ones.
    const first = [...asked];
    expect(new Set(first)).toContain('photo_view_across');
    expect(first.length).toBeGreaterThan(5);
    release();
    await enhancer.run(randomImage(400, 300));
    expect(asked).toEqual(first);
    await enhancer.dispose();
  },
);

test('a network whose kernels are still being compiled can be disposed of', async () => {
  const { gpu, release } = holdPipelines(await openTestGpu());
  const enhancer = await Enhancer.create({ gpu, model: tinyWeights() });
  await enhancer.dispose();
  release();
});
