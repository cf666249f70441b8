import { Command } from 'commander'
import { CommandError } from '../src/main/commands/exit-codes.ts'
import { dispatchBenchmark } from './dispatch/command.ts'
import { encodersBenchmark } from './encoders/command.ts'
import { memoryBenchmark } from './memory/command.ts'
import { pipelineBenchmark } from './pipeline/command.ts'
import { poolBenchmark } from './pool/command.ts'
import { qualityBenchmark } from './quality/command.ts'
import { recolourBenchmark } from './recolour/command.ts'
import { scaleBenchmark } from './scale/command.ts'

/** Every benchmark is a command of its own; without one the list is shown. */
const program = new Command('bench')
  .description(
    'Benchmarks: each compares in one run on this machine. In brackets: how long with its defaults on two cores.',
  )
  .action(() => program.outputHelp())
program.addCommand(poolBenchmark())
program.addCommand(pipelineBenchmark())
program.addCommand(dispatchBenchmark())
program.addCommand(scaleBenchmark())
program.addCommand(memoryBenchmark())
program.addCommand(recolourBenchmark())
program.addCommand(qualityBenchmark())
program.addCommand(encodersBenchmark())
try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = error.exitCode
}
