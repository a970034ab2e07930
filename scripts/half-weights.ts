/**
 * Stores the convolutions of a weight file in half precision, for shipping:
 * `node scripts/run.mjs scripts/half-weights.ts IN.safetensors OUT.safetensors`.
 */
import { readFileSync } from 'node:fs';
import { writeFileAtomically } from '../src/atomic-file-node';
import { decodeWeights, encodeWeights } from '../src/model/weights';

const [, , , from, to] = process.argv;
if (!from || !to) throw new Error('Name the weight file to read and the one to write.');
const { state, config, info } = decodeWeights(readFileSync(from), from);
const bytes = encodeWeights(state, config, info, { halfPrecision: true });
writeFileAtomically(to, bytes);
process.stdout.write(`${to}: ${bytes.length} bytes\n`);
