const SIGNALS = { SIGTERM: 15, SIGINT: 2, SIGHUP: 1 } as const

/**
 * One Ctrl-C arrives twice under npm, and one SIGTERM under timeout(1): from the group and from the parent. So soon
 * after the first, a signal is its echo.
 */
const ECHO_MS = 500

/** Resolves with the first signal, which is to drain. A second one ends the process at once, after `onSecond`. */
export function stopSignal(
  onSecond: (name: NodeJS.Signals) => void = () => undefined,
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAtMs: number | undefined
    for (const name of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) {
      process.on(name, () => {
        const nowMs = performance.now()
        if (askedAtMs === undefined) {
          askedAtMs = nowMs
          resolve(name)
        } else if (nowMs - askedAtMs > ECHO_MS) {
          onSecond(name)
          process.exit(128 + SIGNALS[name])
        }
      })
    }
  })
}
