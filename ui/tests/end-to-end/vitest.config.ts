import { defineConfig } from 'vitest/config';

// Stories take minutes, share nothing, and run one after the other: two cores.
export default defineConfig({
  cacheDir: `${import.meta.dirname}/../../node_modules/.vite-stories`,
  test: {
    root: import.meta.dirname,
    include: ['*.story.ts'],
    fileParallelism: false,
    // A story whose third chapter fails has no fourth.
    bail: 1,
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
