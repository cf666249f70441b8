import { afterEach, describe, expect, it } from 'vitest'
import { UnusableSetting } from '../../../src/main/config/unusable-setting.ts'
import { HealthServer } from '../../../src/main/telemetry/health-server.ts'

let server: HealthServer | undefined
afterEach(() => server?.stop())

function healthServer(): HealthServer {
  server = new HealthServer(() => Promise.resolve({ postgres: true }), {
    contentType: 'text/plain',
    render: () => Promise.resolve(''),
  })
  return server
}

const statusAt = (host: string, port: number) =>
  fetch(`http://${host}:${port}/livez`).then(
    ({ status }) => status,
    () => 'refused',
  )

describe('the health port', () => {
  // Elsewhere a machine has one loopback address only.
  it.runIf(process.platform === 'linux').each([
    ['127.0.0.1', [200, 'refused']],
    ['127.0.0.2', ['refused', 200]],
    ['0.0.0.0', [200, 200]],
  ])('is open on its address and on no other: %s', async (host, answers) => {
    const port = await healthServer().start(host, 0)
    expect(await Promise.all(['127.0.0.1', '127.0.0.2'].map((from) => statusAt(from, port)))).toEqual(answers)
  })

  it('names the address where this machine does not have it', async () => {
    // An address of documentation: no machine has it.
    const refused = await healthServer()
      .start('192.0.2.1', 0)
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(UnusableSetting)
    expect((refused as UnusableSetting).message).toMatch(/^HTTP_HOST=192\.0\.2\.1: .*expected one of its own/)
    expect((refused as UnusableSetting).kind).toBe('wrong')
  })
})
