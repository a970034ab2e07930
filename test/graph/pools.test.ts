import { expect, test } from 'vitest';
import type { Precision } from '../../src/gpu/kernel-call';
import { concat, conv2d, Graph, maxPool2x2, Program, relu } from '../../src/graph';
import { lower } from '../../src/graph/lower';
import { policyFor } from '../../src/kernels/policy';
import { withPolicy } from '../../src/kernels/tuned-gpu';
import { openTestGpu } from '../support/gpu';
import { randomArray } from '../support/random';
import { traitsOf } from '../support/traits';

const onGpus = policyFor(traitsOf(false, 0));

test('a pool is written by the preceding convolution if its kernels can', async () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 5, 17, 22]);
  const w = graph.variable('layer.weight', [8, 5, 3, 3], 'weight', randomArray(360, 'w'));
  const y = conv2d(x, w, { stride: 1, padding: 1, relu: true });
  const pooled = maxPool2x2(y);
  // The skip beside the pool is also written in place.
  const joined = relu(concat(y, relu(x)));
  const names = (policy: typeof onGpus, precision?: Precision) =>
    lower(graph, [pooled, joined], traitsOf(true, 8), policy, precision).calls.map(
      ({ kernel }) => kernel.name,
    );
  expect(names(onGpus)).not.toContain('max_pool');
  expect(names(policyFor(traitsOf(true, 8)))).toContain('max_pool');
  // Half precision chooses other kernels, which decide.
  expect(names(policyFor(traitsOf(true, 8)), 'f16-arithmetic')).not.toContain('max_pool');

  const gpu = withPolicy(await openTestGpu(), onGpus);
  const program = await Program.compile(gpu, graph, { fetch: [pooled, joined] });
  program.write(x, randomArray(5 * 17 * 22, 'x'));
  program.run();
  const values = await program.read(joined);
  const maxima = Array.from({ length: 8 * 8 * 11 }, (_, i) => {
    const at = (Math.floor(i / 88) * 17 + 2 * (Math.floor(i / 11) % 8)) * 22 + 2 * (i % 11);
    return Math.max(values[at]!, values[at + 1]!, values[at + 22]!, values[at + 23]!);
  });
  expect([...(await program.read(pooled))]).toEqual(maxima);
  program.destroy();
});
