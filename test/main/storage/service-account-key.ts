import { generateKeyPair, type KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Writes the key file of a service account, as Google hands it out, and answers with the key that its signatures are checked with. */
export async function writeServiceAccountKey(file: string): Promise<KeyObject> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  await writeFile(
    file,
    JSON.stringify({
      type: 'service_account',
      project_id: 'project',
      universe_domain: 'googleapis.com',
      client_email: 'worker@project.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }),
  )
  return publicKey
}
