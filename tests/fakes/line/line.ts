/** The fake of LINE: its two servers on loopback, and the accounts on them. */
import { CallLog } from '../platform/calls.ts'
import { Faults } from '../platform/faults.ts'
import { startFakeServer } from '../platform/server.ts'
import { Deliveries } from '../platform/webhook.ts'
import type { DeliverySettings } from '../platform/webhook.ts'
import { LineAccount } from './account.ts'
import type { LineAccountOptions } from './account.ts'
import type { Endpoint } from './endpoints.ts'
import { inspectFor } from './inspect.ts'
import { lineRoutes } from './routes.ts'
import type { ShownMessage } from './shown.ts'
import { WebhookBody } from './webhook-schemas.ts'

export type LineFakeOptions = {
  /** ms */
  now?: () => number
  host?: string
  /** How webhooks are delivered; LINE waits 2 s for an answer. */
  deliveries?: Partial<DeliverySettings>
}

export type ShownTo = ShownMessage & { account: LineAccount }

export type LineFake = {
  /** In place of https://api.line.me. */
  apiUrl: string
  /** In place of https://api-data.line.me. */
  dataUrl: string
  calls: CallLog
  faults: Faults
  deliveries: Deliveries
  accounts: readonly LineAccount[]
  addAccount(options: LineAccountOptions): LineAccount
  /** Of all accounts, those added later too. */
  on(event: 'shown', listener: (shown: ShownTo) => void): () => void
  /** @throws what went wrong inside the fake while it ran */
  close(): Promise<void>
}

/** LINE's limit on a request's body, in bytes. */
const BODY_MAX = 2 * 1024 * 1024
const KEPT_HEADERS = ['content-type', 'x-line-retry-key', 'x-line-delivery-tag']

/**
 * Starts LINE without anybody on it; resolves when both servers take requests.
 *
 * @example
 * const line = await startLine()
 * const shop = line.addAccount({ channelId, channelSecret, accessToken, webhookUrl, name: 'Shop', basicId: '@shop' })
 * const ann = shop.addUser({ name: 'Ann' })
 * shop.follow(ann)
 * shop.send(ann, { type: 'text', text: 'Are you open?' })
 * await line.deliveries.idle()
 * shop.messagesFor(ann) // what the hub had to say
 */
export async function startLine(options: LineFakeOptions = {}): Promise<LineFake> {
  const { now = Date.now, host } = options
  const calls = new CallLog()
  const faults = new Faults()
  const accounts: LineAccount[] = []
  const listeners = new Set<(shown: ShownTo) => void>()
  const deliveries = new Deliveries({
    now,
    settings: { timeoutMs: 2_000, ...options.deliveries },
    redelivered: (body) => {
      const { destination, events } = WebhookBody.parse(body)
      return { destination, events: events.map((event) => ({ ...event, deliveryContext: { isRedelivery: true } })) }
    },
  })
  const start = (server: Endpoint['server']) =>
    startFakeServer({
      routes: lineRoutes(server, { accounts, now }),
      calls,
      faults,
      now,
      inspect: inspectFor(server),
      keepHeaders: KEPT_HEADERS,
      bodyMax: BODY_MAX,
      refuseLarge: () => Response.json({ message: 'Payload Too Large' }, { status: 413 }),
      ...(host === undefined ? {} : { host }),
    })
  const api = await start('api')
  const data = await start('data')
  return {
    apiUrl: api.url,
    dataUrl: data.url,
    calls,
    faults,
    deliveries,
    accounts,
    addAccount(account) {
      const added = new LineAccount(account, { deliveries, now })
      accounts.push(added)
      added.on('shown', (shown) => {
        for (const listener of listeners) listener({ ...shown, account: added })
      })
      return added
    },
    on(_event, listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      deliveries.close()
      await Promise.all([api.close(), data.close()])
    },
  }
}
