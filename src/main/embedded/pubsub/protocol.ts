import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'

export type Protocol = { readonly publisher: ServiceDefinition; readonly subscriber: ServiceDefinition }

/** Reads the definitions of both services from the Pub/Sub client, which ships them. */
export async function loadProtocol(): Promise<Protocol> {
  const path = createRequire(import.meta.url).resolve('@google-cloud/pubsub/build/protos/protos.json')
  const definitions = fromJSON(JSON.parse(await readFile(path, 'utf8')) as Parameters<typeof fromJSON>[0], {
    longs: Number,
    enums: String,
    defaults: true,
  })
  return {
    publisher: definitions['google.pubsub.v1.Publisher'] as ServiceDefinition,
    subscriber: definitions['google.pubsub.v1.Subscriber'] as ServiceDefinition,
  }
}
