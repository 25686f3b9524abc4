import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two workers: tests start real daemons and native thread pools of their own.
    maxWorkers: 2,
    minWorkers: 1,
  },
});
