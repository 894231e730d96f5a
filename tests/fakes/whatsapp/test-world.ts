/** A fake platform with one shop and a hub that only writes down what it is told, for the tests of the fake itself. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AccountSettings, WhatsAppAccount } from './account.ts'
import { Webhook } from './schemas/webhooks.ts'
import type { InboundMessage, Status } from './schemas/webhooks.ts'
import { startWhatsApp } from './whatsapp.ts'
import type { WhatsAppFake, WhatsAppOptions } from './whatsapp.ts'

const APP_SECRET = 'app secret'
const VERIFY_TOKEN = 'verify token'
export const TOKEN = 'access-token'

export type TestHub = {
  url: string
  bodies: Webhook[]
  /** Statuses it answers next; after them 200. */
  answers: number[]
  messages(): InboundMessage[]
  statuses(): Status[]
  close(): void
}

export type Answer = { status: number; body: unknown }

export type TestWorld = {
  whatsapp: WhatsAppFake
  account: WhatsAppAccount
  hub: TestHub
  clock: { now: number }
  /** Calls an endpoint under the version; a body goes as JSON, a form as it is. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>
  /** Sends to a customer: `to`, `messaging_product` and the rest are filled in. */
  send(to: string, content: object): Promise<Answer & { wamid: string }>
  close(): Promise<void>
}

export async function startTestWorld(
  settings: Partial<AccountSettings> = {},
  options: WhatsAppOptions = {},
): Promise<TestWorld> {
  const clock = { now: Date.UTC(2026, 6, 1, 2) }
  const hub = await startTestHub()
  const whatsapp = await startWhatsApp({
    now: () => clock.now,
    deliveries: { retryAfterMs: 10 },
    ...options,
  })
  const account = whatsapp.addAccount({
    phoneNumberId: '106540352242922',
    wabaId: '102290129340398',
    appSecret: APP_SECRET,
    verifyToken: VERIFY_TOKEN,
    accessToken: TOKEN,
    displayPhoneNumber: '+886 2 2700 1234',
    verifiedName: '好日子百貨',
    webhookUrl: hub.url,
    ...settings,
  })
  async function call(method: string, path: string, body?: unknown, token = TOKEN): Promise<Answer> {
    const isForm = body instanceof FormData
    const response = await fetch(`${whatsapp.graphUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  return {
    whatsapp,
    account,
    hub,
    clock,
    call,
    async send(to, content) {
      const answer = await call('POST', `/${account.settings.phoneNumberId}/messages`, {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        ...(to.includes('.') ? { recipient: to } : { to }),
        ...content,
      })
      return { ...answer, wamid: account.sent.all().at(-1)?.wamid ?? '' }
    },
    async close() {
      await whatsapp.close()
      hub.close()
    },
  }
}

/** @throws in the answer to a webhook (500) when its signature is wrong */
async function startTestHub(): Promise<TestHub> {
  const bodies: Webhook[] = []
  const answers: number[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(Buffer.from(piece))
    const raw = Buffer.concat(pieces)
    if (request.method === 'GET') {
      const { searchParams } = new URL(request.url ?? '', 'http://hub.invalid')
      const isRight =
        searchParams.get('hub.mode') === 'subscribe' && searchParams.get('hub.verify_token') === VERIFY_TOKEN
      response.writeHead(isRight ? 200 : 403).end(isRight ? searchParams.get('hub.challenge') : '')
      return
    }
    const signature = `sha256=${createHmac('sha256', APP_SECRET).update(raw).digest('hex')}`
    if (request.headers['x-hub-signature-256'] !== signature) {
      response.writeHead(401).end()
      return
    }
    const status = answers.shift() ?? 200
    if (status === 200) bodies.push(Webhook.parse(JSON.parse(raw.toString())))
    response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the hub has no port')
  const values = () => bodies.flatMap(({ entry }) => entry.flatMap(({ changes }) => changes.map(({ value }) => value)))
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/whatsapp`,
    bodies,
    answers,
    messages: () => values().flatMap((value) => ('messages' in value ? value.messages : [])),
    statuses: () => values().flatMap((value) => ('statuses' in value ? value.statuses : [])),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
