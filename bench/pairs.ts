/**
 * How many training pairs a core makes, and how fast a device would have to train to outrun it:
 * `npm run pairs [seconds]`. By processor time, so that other work on the machine does not count.
 */

import { trainingFlops } from '../src/bench/network-work';
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { openPairs } from '../src/data/node/pairs';
import { DEFAULT_SYNTHESIS } from '../src/data/synthesis-config';
import { networkConfig } from '../src/model/config';

/** Width, global width, side of the patches and pairs a step, as `glocal train` and the paper have them. */
const RECIPES = [
  { name: 'nano', width: 8, globalWidth: 16, size: 128 },
  { name: 'small', width: 16, globalWidth: 32, size: 128 },
  { name: 'paper', width: 32, globalWidth: 64, size: 256 },
] as const;

const seconds = Number(process.argv[3] ?? 5);
const scenes = await listBundledScenes();

/** Pairs of a processor second, once every scene is decoded. */
async function pairsPerSecond(size: number): Promise<number> {
  const config = { ...DEFAULT_SYNTHESIS, size };
  const source = openPairs({ scenes, seed: 1, config, workers: 0, onNotice: console.error });
  let k = 0;
  while (k < scenes.length) await source.make(k++);
  const start = process.cpuUsage();
  const used = () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  const first = k;
  while (used() < seconds) await source.make(k++);
  const rate = (k - first) / used();
  await source.close();
  return rate;
}

const rates = new Map<number, number>();
for (const { name, width, globalWidth, size } of RECIPES) {
  const rate = rates.get(size) ?? (await pairsPerSecond(size));
  rates.set(size, rate);
  const flops = trainingFlops({ config: networkConfig({ width, globalWidth }), batch: 1, size });
  console.log(
    `${name}: ${rate.toFixed(1)} pairs of ${size}x${size} a second and core; ${(flops / 1e9).toFixed(2)} GFLOP to ` +
      `train on one; outrun by a device that trains at more than ${((rate * flops) / 1e9).toFixed(0)} GFLOP/s per core`,
  );
}
