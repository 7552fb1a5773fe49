import { defineConfig } from 'vitest/config';

// Stories take minutes, share nothing, and run one after the other: two cores.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.story.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
