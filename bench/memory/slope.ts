type Step = { readonly tasks: number; readonly mib: number }

/** What counts as warm-up: code is compiled, heaps and allocators find their size. */
const WARM_UP_PART = 1 / 3

/** MiB that a thousand tasks add: the straight line of least squares through all steps but those of the first third. */
export function slopePerThousandTasks(steps: readonly Step[]): number {
  const settled = steps.slice(Math.floor(steps.length * WARM_UP_PART))
  const mean = (pick: (step: Step) => number) =>
    settled.reduce((sum, step) => sum + pick(step), 0) / settled.length
  const [tasks, mib] = [mean((step) => step.tasks), mean((step) => step.mib)]
  const together = mean((step) => (step.tasks - tasks) * (step.mib - mib))
  const alone = mean((step) => (step.tasks - tasks) ** 2)
  return (together / alone) * 1_000
}
