import { defineConfig } from 'vitest/config'

/** They use loaders of sharp that image threads close for good, for the whole process that they run in. */
const WITH_ALL_LOADERS = [
  'test/main/embedded/model-server/**/*.test.ts',
  'test/threads/codec/loader-policy.test.ts',
]
/** They start, kill and stop whole processes, and take longer than all others together. */
const FAULTS = ['test/**/*.faults.test.ts']

const globalSetup = ['test/setup/postgres-cluster.ts']

export default defineConfig({
  test: {
    // Many tests wait for processes and servers: more of them than cores keep the cores busy.
    maxWorkers: 4,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared process',
          include: ['test/**/*.test.ts'],
          exclude: [...WITH_ALL_LOADERS, ...FAULTS],
          // One process runs many files and loads the libraries once.
          isolate: false,
          globalSetup,
        },
      },
      { extends: true, test: { name: 'own process', include: WITH_ALL_LOADERS } },
      { extends: true, test: { name: 'faults', include: FAULTS, isolate: false, globalSetup } },
    ],
  },
})
