import { ConfigError } from '../../../src/main/config/config-error.ts'
import { loadConfig } from '../../../src/main/config/config.ts'

/** What the configuration says against an environment; nothing where it takes it. */
export function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
