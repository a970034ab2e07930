import { expect, test } from 'vitest';
import { Graph, gradients, Program } from '../../src/graph';
import type { Shape } from '../../src/kernels/tensor';
import { detailLoss } from '../../src/model/detail-loss';
import { type Dense, dense, mae, maeBackward, resizeBilinear, resizeBilinearBackward } from '../reference';
import { openTestGpu } from '../support/gpu';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const SHAPE: Shape = [2, 3, 16, 24];

const minus = (a: Dense, b: Dense) =>
  dense(
    a.shape,
    a.data.map((value, i) => value - b.data[i]!),
  );
const plus = (a: Dense, b: Dense) =>
  dense(
    a.shape,
    a.data.map((value, i) => value + b.data[i]!),
  );

/** Loss and its gradient for an error, down the pyramid and up again. */
function levels(error: Dense, octaves: number): { loss: number; gradient: Dense } {
  const [n, c, height, width] = error.shape;
  if (octaves === 0) return { loss: 0, gradient: dense(error.shape, new Float64Array(error.data.length)) };
  const coarse = resizeBilinear(error, height / 2, width / 2);
  const blurred = resizeBilinear(coarse, height, width);
  const below = levels(coarse, octaves - 1);
  const own = maeBackward(error, blurred, 1);
  const toBlurred = dense(
    own.shape,
    own.data.map((value) => -value),
  );
  const coarseGradient = plus(
    below.gradient,
    resizeBilinearBackward(toBlurred, [n, c, height / 2, width / 2]),
  );
  return {
    loss: mae(error, blurred) + below.loss,
    gradient: plus(own, resizeBilinearBackward(coarseGradient, error.shape)),
  };
}

test('the detail loss and its gradient are those of a Laplacian pyramid in float64', async () => {
  const [output, target] = [randomDense(SHAPE, 'output', 0, 1), randomDense(SHAPE, 'target', 0, 1)];
  const error = minus(output, target);
  const want = levels(error, 3);

  const gpu = await openTestGpu();
  const graph = new Graph();
  const x = graph.variable('x', SHAPE);
  const loss = detailLoss(x, graph.input('target', SHAPE));
  const [dx] = gradients(loss, [x]);
  const program = await Program.compile(gpu, graph, { fetch: [loss, dx!] });
  try {
    program.write('x', output.data);
    program.write('target', target.data);
    program.run();
    const reduction = output.data.length;
    const [value] = await program.read(loss);
    expectClose([value!], [mae(output, target) + want.loss], { name: 'loss', reduction });
    const gradient = plus(maeBackward(output, target, 1), want.gradient);
    expectClose(await program.read(dx!), gradient.data, { name: 'gradient', reduction: 64 });
    expect(value!).toBeGreaterThan(0.1);
  } finally {
    program.destroy();
  }
});
