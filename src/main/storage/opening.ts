import type { Config } from '../config/config.ts'
import { BucketImages } from './bucket-images.ts'
import type { Bucket } from './bucket.ts'
import type { ImageStorage } from './image-storage.ts'
import { LocalFiles } from './local-files.ts'

/**
 * The store that the configuration names. Asks no server. A client is loaded only where its kind of bucket is named:
 * each takes 20 to 30 MB of memory and a third of a second. Throws a Failure where the settings do not suffice.
 */
export async function openStorage(storage: Config['storage']): Promise<ImageStorage> {
  const { protocol, host, pathname } = new URL(storage.url)
  if (protocol === 'file:') return new LocalFiles(storage.url, storage)
  const prefix = pathname.replaceAll(/^\/+|\/+$/g, '')
  return new BucketImages(await openBucket(protocol, host, storage), {
    prefix: prefix === '' ? '' : `${prefix}/`,
    publicBaseUrl: storage.publicBaseUrl,
    signedUrlLifetimeMs: storage.signedUrlLifetimeMs,
    timeoutMs: storage.timeoutMs,
  })
}

async function openBucket(protocol: string, name: string, storage: Config['storage']): Promise<Bucket> {
  if (protocol === 'gs:') {
    const { GoogleBucket } = await import('./google-bucket.ts')
    return new GoogleBucket(name, { emulatorUrl: storage.gcsEmulatorUrl, timeoutMs: storage.timeoutMs })
  }
  const { S3Bucket } = await import('./s3-bucket.ts')
  return S3Bucket.open(name, {
    endpointUrl: storage.s3EndpointUrl,
    region: storage.s3Region,
    forcePathStyle: storage.s3ForcePathStyle,
  })
}
