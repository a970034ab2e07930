/**
 * The mean of several weight files of one network, which is often better than each when they are stages of one
 * training: `node scripts/run.mjs scripts/mean-weights.ts OUT.safetensors IN.safetensors ...`; `IN@2` counts twice.
 * Files narrower than the widest are widened as by `glocal train --from` with seed 7.
 */
import { readFileSync } from 'node:fs';
import { writeFileAtomically } from '../src/atomic-file-node';
import type { StateDict } from '../src/model/state-dict';
import { decodeWeights, encodeWeights } from '../src/model/weights';
import { widening, widenWeights } from '../src/model/widen';

const [to, ...from] = process.argv.slice(3);
if (!to || from.length < 2) throw new Error('Name the weight file to write and those to read.');
const counts = from.map((name) => Number(/@([\d.]+)$/.exec(name)?.[1] ?? 1));
const total = counts.reduce((sum, count) => sum + count, 0);
if (!(total > 0)) throw new Error('All files have a share of zero.');
const files = from.map((name) => {
  const path = name.replace(/@[\d.]+$/, '');
  return decodeWeights(readFileSync(path), path);
});
const { config } = files.reduce((widest, file) => (file.config.width > widest.config.width ? file : widest));
const states = files.map((file): StateDict => {
  if (file.config.kind !== 'local-global' || config.kind !== 'local-global') return file.state;
  const factor = widening(file.config, config);
  return factor === undefined ? file.state : widenWeights(file.state, file.config, { factor, seed: 7 });
});
const mean = new Map(
  [...states[0]!].map(([name, { shape, data }]) => {
    const values = data.map(
      (_, i) => states.reduce((sum, state, k) => sum + counts[k]! * state.get(name)!.data[i]!, 0) / total,
    );
    return [name, { shape, data: values }];
  }),
);
const bytes = encodeWeights(mean, config, { meanOf: from.length });
writeFileAtomically(to, bytes);
process.stdout.write(`${to}: the mean of ${from.length} files\n`);
