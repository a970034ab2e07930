import { describe, expect, it } from 'vitest';
import { SubmitBudget, submitEnd } from '../../src/gpu/submit-budget';
import type { AdapterTraits, Gpu } from '../../src/gpu/types';
import { Graph, type SymbolicTensor } from '../../src/graph';
import { lower } from '../../src/graph/lower';
import { policyFor } from '../../src/kernels/policy';
import { buildNetwork, type NetworkConfig, networkConfig, PRESETS } from '../../src/model';
import { trainingGraph } from '../../src/train/training-graph';
import { traitsOf } from '../support/traits';

const steps = (...flops: number[]) => flops.map((value) => ({ call: { flops: value } }));
const newBudget = () => SubmitBudget.of({ device: {} } as Gpu);

/** Operations of each submit of the local path for a window. */
function windowSubmits(config: NetworkConfig, side: number, isSoftware: boolean): number[] {
  const graph = new Graph();
  const image = graph.input('window', [1, 3, side, side]);
  const global = graph.input('global', [1, config.globalWidth, 1, 1]);
  const { output } = buildNetwork(graph, image, config, { mode: 'folded', global });
  return submits(graph, output, traitsOf(isSoftware, 8));
}

function submits(graph: Graph, fetched: SymbolicTensor, traits: AdapterTraits): number[] {
  const { calls } = lower(graph, [fetched], traits, policyFor(traits));
  const wrapped = calls.map((call) => ({ call }));
  const loads: number[] = [];
  for (let start = 0; start < calls.length; ) {
    const end = submitEnd(wrapped, start, calls.length, newBudget().flops);
    loads.push(calls.slice(start, end).reduce((sum, { flops }) => sum + flops, 0));
    start = end;
  }
  return loads;
}

describe('submitEnd', () => {
  it('takes as many calls as the budget holds, but at least one', () => {
    const list = steps(3, 4, 5, 20, 0, 1);
    expect(submitEnd(list, 0, 6, 8)).toBe(2);
    expect(submitEnd(list, 2, 6, 8)).toBe(3);
    expect(submitEnd(list, 3, 6, 8)).toBe(4);
    expect(submitEnd(list, 4, 6, 8)).toBe(6);
    expect(submitEnd(list, 0, 1, 8)).toBe(1);
  });
});

describe('SubmitBudget', () => {
  it('approaches 30 ms, by at most a factor of two at a time, and never exceeds 8 GFLOP', () => {
    const budget = newBudget();
    const first = budget.flops;
    budget.learn(first, 3000);
    expect(budget.flops).toBe(first / 2);
    budget.learn(first / 2, 20);
    expect(budget.flops).toBe((first / 2) * 1.5);
    for (let turn = 0; turn < 9; turn++) budget.learn(budget.flops, 0.2);
    expect(budget.flops).toBe(8e9);
    for (let turn = 0; turn < 99; turn++) budget.learn(budget.flops, 1e5);
    expect(budget.flops).toBeGreaterThan(0);
  });

  it('ignores submits that are far smaller', () => {
    const budget = newBudget();
    const { flops } = budget;
    budget.learn(flops / 10, 5);
    expect(budget.flops).toBe(flops);
  });

  it('stays small after being shrunk', () => {
    const budget = newBudget();
    const { flops } = budget;
    budget.shrink(4);
    for (let turn = 0; turn < 9; turn++) budget.learn(budget.flops, 0.2);
    expect(budget.flops).toBe(flops / 4);
  });

  it.each([
    ['nano', PRESETS.nano],
    ['small', PRESETS.small],
    ["the paper's width", networkConfig({ width: 32, globalWidth: 64 })],
  ])('holds no submit of %s above 10 GFLOP in the largest window', (_, config) => {
    for (const isSoftware of [true, false]) {
      const loads = windowSubmits(config, 2048, isSoftware);
      expect(loads.length).toBeGreaterThan(10);
      expect(Math.max(...loads)).toBeLessThanOrEqual(1e10);
    }
  });

  it("holds no submit of the paper's training step above 10 GFLOP on a GPU", () => {
    const { graph, loss } = trainingGraph({ network: PRESETS.paper, batch: 16, patch: 256 });
    const loads = submits(graph, loss, traitsOf(false, 32));
    expect(loads.reduce((sum, load) => sum + load)).toBeGreaterThan(1e12);
    expect(Math.max(...loads)).toBeLessThanOrEqual(1e10);
  });
});
