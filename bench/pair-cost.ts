/**
 * How many training pairs a core makes, and how fast a device would have to train to outrun it: `npm run pair-cost
 * [seconds]`. Measured in processor time, so that other programs do not matter.
 */

import { trainingFlops } from '../src/bench/network-work';
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { openPairs } from '../src/data/node/pairs';
import type { Pair } from '../src/data/pair';
import { DEFAULT_SYNTHESIS } from '../src/data/synthesis-config';
import { pack } from '../src/kernels/tensor';
import { networkConfig } from '../src/model/config';
import { toBatch } from '../src/train/batch';

/** Width, global width and patch side of `glocal train` and of the paper. */
const RECIPES = [
  { name: 'nano', width: 8, globalWidth: 16, size: 128 },
  { name: 'small', width: 16, globalWidth: 32, size: 128 },
  { name: 'paper', width: 32, globalWidth: 64, size: 256 },
] as const;

const seconds = Number(process.argv[3] ?? 5);
const scenes = await listBundledScenes();

/** Processor seconds of some work. */
async function cost(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Arrays reused for every batch, as in a program. */
const stored = new Map<string, Float32Array<ArrayBuffer>>();

/** The work of the device's thread to hand pairs over: floats, in the device's layout. */
function handOver(pairs: readonly Pair[]): void {
  const { size } = pairs[0]!;
  for (const [name, values] of Object.entries(toBatch(pairs))) {
    const key = `${name} ${size}`;
    stored.set(key, pack(values, [pairs.length, 3, size, size], 'activation', stored.get(key)));
  }
}

/** Processor seconds to make a pair, and to hand it over, with all scenes decoded. */
async function costs(size: number) {
  const config = { ...DEFAULT_SYNTHESIS, patch: size };
  const source = openPairs({ scenes, seed: 1, config, workers: 0, onNotice: console.error });
  let [k, making, handing] = [0, 0, 0];
  for (; k < scenes.length; k++) await source.make(k);
  while (making < seconds) {
    const pairs: Pair[] = [];
    making += await cost(async () => {
      for (let i = 0; i < scenes.length; i++) pairs.push(await source.make(k + i));
    });
    handing += await cost(() => handOver(pairs));
    k += scenes.length;
  }
  const made = k - scenes.length;
  return { making: making / made, handing: handing / made };
}

const measured = new Map<number, Awaited<ReturnType<typeof costs>>>();
for (const { name, width, globalWidth, size } of RECIPES) {
  if (!measured.has(size)) measured.set(size, await costs(size));
  const { making, handing } = measured.get(size)!;
  const flops = trainingFlops({ config: networkConfig({ width, globalWidth }), batch: 1, size });
  const gigaflops = (cost: number) => (flops / cost / 1e9).toFixed(0);
  console.log(
    `${name}, ${size}x${size}: ${(flops / 1e9).toFixed(2)} GFLOP to train on a pair\n` +
      `  ${(1 / making).toFixed(1)} pairs a second per core, outrun by a device that trains at more than ` +
      `${gigaflops(making)} GFLOP/s per core; one thread hands over ${(1 / handing).toFixed(0)} pairs a second, ` +
      `outrun above ${gigaflops(handing)} GFLOP/s`,
  );
}
