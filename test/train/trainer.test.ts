import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkConfig } from '../../src/model/config';
import { decodeWeights } from '../../src/model/weights';
import { Random } from '../../src/random';
import type { Batch } from '../../src/train/batch';
import { stepSchedule } from '../../src/train/schedule';
import { Trainer, type TrainerOptions } from '../../src/train/trainer';
import { openTestGpu } from '../support/gpu';
import { tolerance } from '../tolerance';

const options: TrainerOptions = {
  network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
  batch: 2,
  patch: 32,
  seed: 5,
  validationSize: 32,
};
const schedule = { rate: 0.01, warmup: 2, steps: 20 };

function batch(step: number): Batch {
  const random = new Random(3).fork(step);
  const input = Float32Array.from({ length: 2 * 3 * 32 * 32 }, () => random.uniform(0, 0.4));
  return { input, target: input.map((value) => Math.sqrt(value)) };
}

async function losses(trainer: Trainer, from: number, to: number): Promise<number[]> {
  const found: number[] = [];
  for (let step = from; step < to; step++) {
    trainer.step(batch(step), stepSchedule(schedule, step));
    found.push(await trainer.loss());
  }
  return found;
}

const opened: Trainer[] = [];
const create = async (seed = 5) => {
  const trainer = await Trainer.create(await openTestGpu(), { ...options, seed });
  opened.push(trainer);
  return trainer;
};
afterAll(() => {
  for (const trainer of opened) trainer.destroy();
});

describe('trainer', () => {
  let reference: number[];
  beforeAll(async () => {
    reference = await losses(await create(), 0, 8);
  });

  test('the loss falls', () => {
    expect(reference.every(Number.isFinite)).toBe(true);
    expect(reference[7]).toBeLessThan(0.7 * reference[0]!);
  });

  test('two trainings give the same bits, another seed does not', async () => {
    expect(await losses(await create(), 0, 8)).toEqual(reference);
    expect(await losses(await create(6), 0, 1)).not.toEqual(reference.slice(0, 1));
  });

  test('a state restored into a new trainer continues with the same bits', async () => {
    const first = await create();
    expect(await losses(first, 0, 4)).toEqual(reference.slice(0, 4));
    const second = await create(99);
    second.writeState(await first.readState());
    expect(await losses(second, 4, 8)).toEqual(reference.slice(4));
  });

  test('a loss requested before the next step is submitted belongs to its own step', async () => {
    const trainer = await create();
    trainer.step(batch(0), stepSchedule(schedule, 0));
    const first = trainer.loss();
    trainer.step(batch(1), stepSchedule(schedule, 1));
    const second = trainer.loss();
    expect([await first, await second]).toEqual(reference.slice(0, 2));
  });

  test('a step in two equal parts is the step on one of them', async () => {
    const trainer = await Trainer.create(await openTestGpu(), { ...options, batch: 4, accumulate: 2 });
    opened.push(trainer);
    const twice = (values: Float32Array) => Float32Array.from([...values, ...values]);
    for (let step = 0; step < 4; step++) {
      const { input, target } = batch(step);
      trainer.step({ input: twice(input), target: twice(target) }, stepSchedule(schedule, step));
      const terms = (step + 1) * input.length;
      expect(Math.abs((await trainer.loss()) - reference[step]!)).toBeLessThan(
        tolerance(terms, reference[step]!),
      );
    }
    expect([...(await trainer.readState()).keys()].sort()).toEqual(
      [...(await opened[0]!.readState()).keys()].sort(),
    );
  });

  test('uses the mean absolute error if configured', async () => {
    const trainer = await Trainer.create(await openTestGpu(), { ...options, loss: 'mae' });
    opened.push(trainer);
    const found = await losses(trainer, 0, 8);
    expect(found[0]).toBeGreaterThan(reference[0]!);
    expect(found[7]).toBeLessThan(0.9 * found[0]!);
  });

  test('the weight file holds what the trainer has', async () => {
    const trainer = await create();
    await losses(trainer, 0, 2);
    const { config, state, info } = decodeWeights(await trainer.weightFile({ step: 2 }), 'weights');
    expect(config).toEqual(options.network);
    expect(info).toMatchObject({ step: '2' });
    const weights = await trainer.readWeights();
    for (const [name, { data }] of state) expect(data).toEqual(weights.get(name)!.data);
    expect(state.get('local.0.bn1.running_mean')!.data.some((value) => value !== 0)).toBe(true);
  });
});
