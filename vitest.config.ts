import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/postgres-cluster.ts'],
    // Many tests wait for processes and servers: more of them than cores keep the cores busy.
    maxWorkers: 4,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
