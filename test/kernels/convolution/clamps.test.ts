import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { innermostLoops, type LoopCost } from '../../support/spirv';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs in its own process, because Dawn prints the compilation to standard output. */
function compile(): Promise<string> {
  const command = ['scripts/run.mjs', 'test/kernels/convolution/dump-spirv.ts'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { cwd: repository, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr, { cause: error }));
      else resolve(`${stderr}${stdout}`);
    });
  });
}

/** WebGPU clamps every index to its array, which costs 17 to 41 % of a tight loop on GPUs (gpuweb issue 1202). */
test('the products of the GPU kernels need few clamps', async () => {
  const dumped = await compile();
  if (dumped.includes('no adapter')) {
    console.log('SKIPPED: Dawn finds no Vulkan driver without help.');
    return;
  }
  const loops = new Map<string, LoopCost>();
  for (const part of dumped.split('=== ').slice(1)) {
    const products = innermostLoops(part).find(({ multiplyAdds }) => multiplyAdds > 0);
    if (products) loops.set(part.slice(0, part.indexOf('\n')), products);
  }
  console.log([...loops].map(([name, cost]) => `${name}: ${JSON.stringify(cost)}`).join('\n'));
  expect([...loops.keys()]).toEqual(['gather, wide tile', 'gather, narrow tile', 'weight gradient']);
  for (const [name, { clamps, multiplyAdds }] of loops) {
    // The narrow tile reads six rows of x from a buffer whose length only the device knows.
    expect(clamps, name).toBeLessThanOrEqual(name === 'gather, narrow tile' ? 7 : 4);
    expect(multiplyAdds / clamps, name).toBeGreaterThanOrEqual(6);
  }
});
