/**
 * How many training pairs a core makes, with their targets fused or left to the device, and how fast a device would
 * have to train to outrun it: `npm run pairs [seconds]`. By processor time, so that other work on the machine does
 * not count.
 */

import { trainingFlops } from '../src/bench/network-work';
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { openPairs } from '../src/data/node/pairs';
import type { TrainingPair } from '../src/data/pair';
import { DEFAULT_SYNTHESIS } from '../src/data/synthesis-config';
import type { AdapterTraits } from '../src/gpu/types';
import { exposureFusion, Graph, lower } from '../src/graph';
import { pack } from '../src/kernels/tensor';
import { networkConfig } from '../src/model/config';
import { batchOf } from '../src/train/batch';

/** Width, global width, side of the patches and pairs a step, as `glocal train` and the paper have them. */
const RECIPES = [
  { name: 'nano', width: 8, globalWidth: 16, size: 128 },
  { name: 'small', width: 16, globalWidth: 32, size: 128 },
  { name: 'paper', width: 32, globalWidth: 64, size: 256 },
] as const;

const FUSED_BY = ['host', 'device'] as const;
const EXPOSURES = DEFAULT_SYNTHESIS.target.exposureValues.length;

const seconds = Number(process.argv[3] ?? 5);
const scenes = await listBundledScenes();

/** Processor seconds of some work. */
async function cost(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Arrays that are written again with every batch, as a program does. */
const stored = new Map<number, Float32Array<ArrayBuffer>>();

/** What the thread that drives the device does to hand pairs over: floats, in the order of the device. */
function handOver(pairs: readonly TrainingPair[]): void {
  const { size } = pairs[0]!;
  for (const values of Object.values(batchOf(pairs))) {
    const pictures = Math.floor(values.length / (3 * size ** 2));
    if (pictures === 0) continue;
    stored.set(
      values.length,
      pack(values, [pictures, 3, size, size], 'activation', stored.get(values.length)),
    );
  }
}

/** Processor seconds to make a pair, and to hand it over, once every scene is decoded; both ways turn about. */
async function costs(size: number) {
  const ways = FUSED_BY.map((fusion) => {
    const config = { ...DEFAULT_SYNTHESIS, size, ...(fusion === 'device' && { fusion }) };
    const source = openPairs({ scenes, seed: 1, config, workers: 0, onNotice: console.error });
    return { fusion, source, making: 0, handing: 0 };
  });
  let k = 0;
  for (; k < scenes.length; k++) for (const { source } of ways) await source.make(k);
  while (ways.some(({ making }) => making < seconds)) {
    for (const way of ways) {
      const pairs: TrainingPair[] = [];
      way.making += await cost(async () => {
        for (let i = 0; i < scenes.length; i++) pairs.push(await way.source.make(k + i));
      });
      way.handing += await cost(() => handOver(pairs));
    }
    k += scenes.length;
  }
  const made = k - scenes.length;
  return ways.map(({ fusion, making, handing }) => {
    return { fusion, making: making / made, handing: handing / made };
  });
}

/** Operations of the kernels that fuse one target. */
function fusionFlops(size: number): number {
  const graph = new Graph();
  const exposures = graph.input('exposures', [EXPOSURES, 3, size, size]);
  const target = exposureFusion(exposures, graph.input('exponents', [1, 3, 1, 1]));
  const traits = { isSoftware: false, limits: { maxComputeWorkgroupsPerDimension: 65535 } };
  const { calls } = lower(graph, [target], traits as AdapterTraits);
  return calls.reduce((sum, { flops }) => sum + flops, 0);
}

const measured = new Map<number, Awaited<ReturnType<typeof costs>>>();
for (const { name, width, globalWidth, size } of RECIPES) {
  if (!measured.has(size)) measured.set(size, await costs(size));
  const training = trainingFlops({ config: networkConfig({ width, globalWidth }), batch: 1, size });
  const share = fusionFlops(size) / training;
  console.log(
    `${name}, ${size}x${size}: ${(training / 1e9).toFixed(2)} GFLOP to train on a pair, fusion on the device ` +
      `${(100 * share).toFixed(2)} % more`,
  );
  for (const { fusion, making, handing } of measured.get(size)!) {
    const flops = fusion === 'device' ? (1 + share) * training : training;
    const gigaflops = (cost: number) => (flops / cost / 1e9).toFixed(0);
    console.log(
      `  fused on the ${fusion}: ${(1 / making).toFixed(1)} pairs a second and core, outrun by a device that trains ` +
        `at more than ${gigaflops(making)} GFLOP/s per core; one thread hands over ${(1 / handing).toFixed(0)} pairs a ` +
        `second, outrun above ${gigaflops(handing)} GFLOP/s`,
    );
  }
}
