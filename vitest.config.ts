import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Much of the time is spent waiting for processes and sockets, so three share two cores well.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['backend/**/*.test.ts', 'electron/**/*.test.ts', 'build/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
          // On a busy machine a disk and the embedded database take seconds; nothing here is about time.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Whole parts of a backend over a real database, real sockets and real processes.
        test: {
          name: 'integration',
          environment: 'node',
          include: ['backend/**/*.integration.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          include: ['renderer/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/**/*.e2e.ts', 'backend/**/*.e2e.ts'],
          // They drive whole browsers on two cores: one at a time, and what fails once has failed.
          fileParallelism: false,
          retry: 0,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
