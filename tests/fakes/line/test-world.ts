/** What the fake's own tests stand on: one account with a webhook that takes everything, and its HTTP API. */
import { startHook } from '../platform/hook.ts'
import type { Hook } from '../platform/hook.ts'
import type { LineAccount, LineAccountOptions } from './account.ts'
import { startLine } from './line.ts'
import type { LineFake, LineFakeOptions } from './line.ts'
import { WebhookBody } from './webhook-schemas.ts'
import type { WebhookEvent } from './webhook-schemas.ts'

export type Answered = { status: number; body: unknown; headers: Headers }

export type World = {
  line: LineFake
  account: LineAccount
  hook: Hook
  /** The fake's clock, in ms. */
  clock: { now: number }
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
  data(path: string): Promise<Response>
  /** The events the webhook got, once nothing more waits. */
  events(): Promise<WebhookEvent[]>
  close(): Promise<void>
}

export const TOKEN = 'access-token-of-the-shop'
export const SECRET = 'channel-secret-of-the-shop'

export async function startWorld(
  options: Partial<LineAccountOptions> & {
    deliveries?: LineFakeOptions['deliveries']
    answers?: (number | null)[]
  } = {},
): Promise<World> {
  const { deliveries, answers, ...account } = options
  const hook = await startHook(answers)
  const clock = { now: Date.UTC(2026, 2, 4, 5, 6, 7) }
  const line = await startLine({ now: () => clock.now, deliveries: { retryAfterMs: 20, ...deliveries } })
  const shop = line.addAccount({
    channelId: '1650000000',
    channelSecret: SECRET,
    accessToken: TOKEN,
    webhookUrl: 'https://hub.example/line/1',
    name: 'Shop',
    basicId: '@shop',
    tunnel: { 'https://hub.example': `http://127.0.0.1:${hook.port}` },
    ...account,
  })
  const request = (url: string, init: RequestInit) =>
    fetch(url, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } })
  return {
    line,
    account: shop,
    hook,
    clock,
    async call(method, path, body, headers = {}) {
      const answer = await request(line.apiUrl + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: await answer.json(), headers: answer.headers }
    },
    data: (path) => request(line.dataUrl + path, {}),
    async events() {
      await line.deliveries.idle()
      return hook.bodies().flatMap((body) => WebhookBody.parse(body).events)
    },
    async close() {
      hook.close()
      await line.close()
    },
  }
}

export const text = (words: string) => ({ type: 'text', text: words })
