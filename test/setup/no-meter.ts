import type { TaskMeter } from '../../src/main/intake/task-runner.ts'

/** For tests that count nothing. */
export const NO_METER: TaskMeter = { taskEnded: () => undefined }
