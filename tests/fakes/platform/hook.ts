/** An address that takes webhooks, for tests of a platform's fake without a hub. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

export type Got = { path: string; raw: string; body: unknown; headers: IncomingHttpHeaders }

export type Hook = {
  /** What came, in order. */
  got: Got[]
  port: number
  bodies(): unknown[]
  /** Refuses connections until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  close(): void
}

/** @param answers its next statuses; null: it says nothing. After them, 200. */
export async function startHook(answers: (number | null)[] = []): Promise<Hook> {
  const got: Got[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(Buffer.from(piece))
    const raw = Buffer.concat(pieces).toString()
    got.push({ path: request.url ?? '', raw, body: JSON.parse(raw), headers: request.headers })
    const status = answers.length > 0 ? answers.shift() : 200
    if (status != null) response.writeHead(status).end('ok')
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  await listen(0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the hook has no port')
  const { port } = address
  return {
    got,
    port,
    bodies: () => got.map(({ body }) => body),
    async down() {
      close()
      await once(server, 'close')
    },
    up: () => listen(port),
    close,
  }
}
