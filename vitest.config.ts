import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/support/slow-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Chooses the Vulkan driver: its environment must stand before a worker process starts.
    globalSetup: ['test/support/choose-driver.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    // Software adapters on busy machines are slow; the suite as a whole is held short by CI.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
