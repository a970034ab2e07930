/**
 * Measures how far exported models agree with ours on a large picture: `node scripts/run.mjs scripts/check-onnx.ts
 * [--chrome] [--size WxH] [model...]`. ONNX Runtime computes in WebAssembly or, with --chrome, with its WebGPU
 * provider in headless Chrome. Exits with 1 if fewer than 99.99 % of the 8-bit values are equal.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Enhancer } from '../src/enhance/enhancer';
import { loadModel } from '../src/enhance/node/models';
import { openNodeGpu } from '../src/gpu/node/dawn';
import { decodeWeights } from '../src/model/weights';
import { exportOnnx } from '../src/onnx/export';
import { Agreement, noisyPicture, openInRuntime, type Picture } from '../test/onnx/runtime';
import { openPage } from '../test/support/page';

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  options: { chrome: { type: 'boolean' }, size: { type: 'string', default: '1500x1000' } },
  allowPositionals: true,
});
const [width, height] = values.size.split('x').map(Number) as [number, number];
const picture = noisyPicture(width, height);

/** In headless Chrome. */
async function inChrome(bytes: Uint8Array, { data, ...size }: Picture): Promise<Uint8Array> {
  const { page, close } = await openPage(fileURLToPath(new URL('./check-onnx-page.ts', import.meta.url)));
  try {
    const base64 = (numbers: Uint8Array) => Buffer.from(numbers).toString('base64');
    const result = await page.evaluate((...of) => window.runOnnx(...of), base64(bytes), {
      ...size,
      data: base64(data),
    });
    return new Uint8Array(Buffer.from(result, 'base64'));
  } finally {
    await close();
  }
}

async function inNode(bytes: Uint8Array): Promise<Uint8Array> {
  const runtime = await openInRuntime(bytes);
  const result = await runtime.run(picture, 1);
  await runtime.release();
  return result;
}

const gpu = await openNodeGpu();
for (const model of positionals.length > 0 ? positionals : ['instant', 'nano']) {
  const bytes = await loadModel(model);
  const enhancer = await Enhancer.create({ gpu, model: bytes as Uint8Array });
  const ours = await enhancer.run({ ...picture, channels: 3 });
  await enhancer.dispose();
  const onnx = exportOnnx(decodeWeights(bytes, model), model, { version: '0' });
  const agreement = new Agreement();
  agreement.add(ours.data, values.chrome ? await inChrome(onnx, picture) : await inNode(onnx), picture.data);
  console.log(
    `${model}, ${width} x ${height}, ${values.chrome ? 'WebGPU in Chrome' : 'WebAssembly'}: ` +
      `${(100 * agreement.share).toFixed(4)} % equal, largest difference ${agreement.largest}, ` +
      `${(100 * agreement.changed).toFixed(1)} % changed by the network`,
  );
  if (!(agreement.share >= 0.9999)) process.exitCode = 1;
}
gpu.destroy();
