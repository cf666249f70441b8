/** All mistakes of the environment at once; `message` has a line for each and hides secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['the environment has mistakes:', ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.problems = problems
  }
}
