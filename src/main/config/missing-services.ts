import type { Config } from './config.ts'
import { variableMeta, type VariableName } from './schema.ts'

/** A mistake for each service that would be stood in for although the environment refuses that. */
export function missingServices({ standIns, database, pubsub, models, storage }: Config): string[] {
  if (standIns === 'allowed') return []
  const services: readonly (readonly [isMissing: boolean, name: VariableName, others: string])[] = [
    [database.url === null, 'DATABASE_URL', ''],
    [pubsub.embedded, 'PUBSUB_PROJECT', ''],
    [models.embedded, 'MODEL_ENDPOINT_URL', ', or HF_TOKEN'],
    [!storage.isGiven, 'STORAGE_URL', ''],
  ]
  return services
    .filter(([isMissing]) => isMissing)
    .map(
      ([, name, others]) =>
        `${name} is not set, and STAND_INS=refused: expected ${variableMeta(name).expected}${others}`,
    )
}
