import { describe, expect, test } from 'vitest';
import { add, concat, Graph, Program, relu, type SymbolicTensor } from '../../src/graph';
import { lower } from '../../src/graph/lower';
import { assignBuffers } from '../../src/graph/memory';
import { policyFor } from '../../src/kernels/policy';
import { buildNetwork, PRESETS } from '../../src/model';
import { openTestGpu } from '../support/gpu';
import { randomArray } from '../support/random';
import { traitsOf } from '../support/traits';

const traits = traitsOf(false, 0);
const kernels = (graph: Graph, fetch: readonly SymbolicTensor[]) =>
  lower(graph, fetch, traits).calls.map(({ kernel }) => kernel.name);

/** y = relu(concat(relu(a), relu(b))) */
function joined(aShape: readonly [number, number, number, number], bChannels: number) {
  const graph = new Graph();
  const a = graph.input('a', aShape);
  const b = graph.input('b', [aShape[0], bChannels, aShape[2], aShape[3]]);
  const parts = [relu(a), relu(b)] as const;
  const y = concat(...parts);
  return { graph, a, b, parts, y, output: relu(y) };
}

describe('a concatenation', () => {
  test('needs no kernel and no memory if its parts can be written in place, with the same values', async () => {
    const { graph, a, b, output } = joined([1, 8, 4, 8], 5);
    expect(kernels(graph, [output])).not.toContain('concat');
    const { memory } = assignBuffers(lower(graph, [output], traits));
    // The whole, once, and what is fetched.
    expect(memory.planned).toBe(2 * 16 * 4 * 4 * 8);
    const program = await Program.compile(await openTestGpu(), graph, { fetch: [output] });
    const values = [randomArray(8 * 32, 'a'), randomArray(5 * 32, 'b')] as const;
    program.write(a, values[0]);
    program.write(b, values[1]);
    program.run();
    const want = [...values[0], ...values[1]].map((value) => Math.max(0, Math.fround(value)));
    expect([...(await program.read(output))]).toEqual(want);
    program.destroy();
  });

  test.each([
    ['has several images', joined([2, 8, 4, 8], 4)],
    ['begins with an incomplete block', joined([1, 7, 4, 8], 4)],
    ['would lie at an offset that no device binds', joined([1, 4, 3, 3], 4)],
  ])('is copied where it %s', (_, { graph, output }) => {
    expect(kernels(graph, [output])).toContain('concat');
  });

  test('is copied if a part is fetched, is an input, or is also used on its own', () => {
    const { graph, parts, output } = joined([1, 8, 4, 8], 8);
    expect(kernels(graph, [output, parts[1]])).toContain('concat');
    const given = new Graph();
    const x = given.input('x', [1, 8, 4, 8]);
    expect(kernels(given, [relu(concat(x, relu(x)))])).toContain('concat');
    const beside = new Graph();
    const u = beside.input('u', [1, 8, 4, 8]);
    const [left, right] = [relu(u), relu(u)];
    const whole = concat(left, right);
    expect(kernels(beside, [relu(whole), add(left, right)])).toContain('concat');
  });
});

test('the program of nano moves few bytes for each pixel, in few dispatches', () => {
  const side = 1024;
  const graph = new Graph();
  const image = graph.input('window', [1, 3, side, side]);
  const global = graph.input('global', [1, PRESETS.nano.globalWidth, 1, 1]);
  const { output } = buildNetwork(graph, image, PRESETS.nano, { mode: 'folded', global });
  const lowered = lower(graph, [output], traits, policyFor(traits));
  const bytes = lowered.calls.reduce((sum, call) => sum + call.bytes, 0) / side ** 2;
  const { planned } = assignBuffers(lowered).memory;
  console.log(
    `nano: ${bytes.toFixed(0)} bytes a pixel, ${lowered.calls.length} dispatches, ` +
      `${(planned / side ** 2).toFixed(0)} bytes of memory a pixel`,
  );
  expect(bytes).toBeLessThan(680);
  expect(lowered.calls.length).toBeLessThanOrEqual(28);
});
