/** The spread of a model's latency: the slowest of a hundred calls takes about three times as long as the mean. */
const SIGMA = 0.5

/**
 * One latency of a log-normal distribution with this mean, as those of models are skewed. `u` and `v` are evenly
 * distributed in [0, 1).
 */
export function latencyMs(meanMs: number, u: number, v: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v)
  return meanMs * Math.exp(SIGMA * normal - SIGMA ** 2 / 2)
}
