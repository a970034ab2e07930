import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBundle } from '../../src/gpu/node/bundled';
import { environmentWithoutDriver } from '../../src/gpu/node/drivers';
import { processIdentity } from '../../src/process-identity-node';

const here = fileURLToPath(new URL('.', import.meta.url));

describe.skipIf(!findBundle())('relaunchWithDriver', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(here, '../../node_modules/.glocal-launch-'));
    await build({
      configFile: false,
      logLevel: 'error',
      build: { ssr: join(here, 'relaunch-fixture.ts'), outDir: folder, target: 'node20' },
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Starts the fixture and waits for the line that its child prints. */
  async function start(
    argument: string,
  ): Promise<{ process: ChildProcess; childPid: number; rest: () => string }> {
    const started = spawn(process.execPath, [join(folder, 'relaunch-fixture.js'), argument], {
      env: environmentWithoutDriver(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    started.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await expect.poll(() => output, { timeout: 60_000 }).toContain('\n');
    const [first] = output.split('\n');
    expect(first).toMatch(/^\d+ .*vk_swiftshader_icd\.json$/);
    return {
      process: started,
      childPid: Number.parseInt(first!, 10),
      rest: () => output.slice(first!.length + 1),
    };
  }

  it('starts a child with the environment and ends with its code', async () => {
    const started = await start('7');
    expect(started.childPid).not.toBe(started.process.pid);
    if (started.process.exitCode === null) await once(started.process, 'exit');
    expect(started.process.exitCode).toBe(7);
  });

  it('hands signals on and waits for the child to end in its own way', async () => {
    const started = await start('wait');
    started.process.kill('SIGTERM');
    // Not `exit`: what it said last may come after.
    const [code] = await once(started.process, 'close');
    expect(code).toBe(5);
    expect(started.rest()).toBe('told to stop\n');
  });

  it('ends by the signal that ended the child', async () => {
    const started = await start('wait');
    process.kill(started.childPid, 'SIGKILL');
    const [code, signal] = await once(started.process, 'exit');
    expect([code, signal]).toEqual([null, 'SIGKILL']);
  });

  it('killed, takes its child with it', async () => {
    const started = await start('wait');
    const ended = once(started.process, 'close');
    started.process.kill('SIGKILL');
    // Standard output closes when both are gone.
    await ended;
    expect(started.rest()).toBe('told to stop\n');
    // Nobody may have asked how it ended.
    expect(processIdentity(started.childPid)).toBeUndefined();
  });

  it('killed, takes its child with it, also one that does not listen', async () => {
    const started = await start('deaf');
    const ended = once(started.process, 'close');
    started.process.kill('SIGKILL');
    await ended;
    // Nobody may have asked how it ended.
    expect(processIdentity(started.childPid)).toBeUndefined();
  });
});
