import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['backend/**/*.test.ts', 'electron/**/*.test.ts', 'build/**/*.test.ts'],
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
          include: ['tests/**/*.e2e.ts'],
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
