import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Digests } from './digests';
import recorded from './digests.json' with { type: 'json' };

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Computes in a process started with the driver; throws with its output if the driver is missing. */
function compute(driver: string): Promise<Digests | string> {
  const options = { cwd: repository, env: { ...process.env, GLOCAL_DRIVER: driver } };
  const command = ['scripts/run.mjs', 'test/pins/compute.ts'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      if (!error) resolve(JSON.parse(stdout) as Digests);
      else if (/is not installed|on Linux only/.test(stderr)) resolve(stderr.trim());
      else reject(new Error(stderr, { cause: error }));
    });
  });
}

/**
 * Digests must not change, unless a change is meant to round differently; then record the output of
 * `GLOCAL_DRIVER=... node scripts/run.mjs test/pins/compute.ts`, and say so in the commit.
 */
describe('the bits of', () => {
  test.each(['lavapipe', 'swiftshader'])('%s are those recorded', async (driver) => {
    const found = await compute(driver);
    const known =
      typeof found !== 'string' &&
      recorded.find(({ adapter, host }) => adapter === found.adapter && host === found.host);
    if (known) {
      expect(found).toEqual(known);
      return;
    }
    const reason =
      typeof found === 'string' ? found : `nothing is recorded for ${found.adapter} on ${found.host}`;
    console.log(`SKIPPED: ${driver}: ${reason}.`);
  });
});
