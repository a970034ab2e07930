import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/support/slow-first.ts';

/** What opens a device, or starts a process or a browser. */
const NEEDS_PROCESS =
  /support\/(gpu|page|cli|built|firefox)'|node\/(dawn|launch-chrome)'|app-page'|node:child_process|from '(webgpu|puppeteer)'/;

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name.replaceAll('\\', '/')}`);
const needsProcess = (file: string) => NEEDS_PROCESS.test(readFileSync(file, 'utf8'));

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    // Software adapters on busy machines are slow; the suite as a whole is held short by CI.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'processes',
          pool: 'forks',
          include: files.filter(needsProcess),
          // Chooses the Vulkan driver and the browser: their environment must stand before a worker process starts.
          globalSetup: ['test/support/choose-machine.ts'],
        },
      },
      // Threads start quicker than processes.
      {
        extends: true,
        test: { name: 'threads', pool: 'threads', include: files.filter((file) => !needsProcess(file)) },
      },
    ],
  },
});
