/**
 * A fake of the WhatsApp Cloud API for tests and the sandbox: an HTTP server on loopback that checks every request, answers as
 * the platform does, and tells the hub by signed webhooks what its customers do.
 */
import { CallLog } from '../platform/calls.ts'
import { Faults } from '../platform/faults.ts'
import { startFakeServer } from '../platform/server.ts'
import { Deliveries } from '../platform/webhook.ts'
import type { DeliverySettings } from '../platform/webhook.ts'
import { WhatsAppAccount } from './account.ts'
import type { AccountSettings } from './account.ts'
import type { GraphContext } from './graph.ts'
import { inspect } from './inspect.ts'
import { MediaStore } from './media.ts'
import { graphRoutes } from './routes.ts'
import { RateLimit } from './sending.ts'
import type { SentMessage } from './sent.ts'

export type WhatsAppOptions = {
  /** ms; what windows, addresses and limits are measured by. */
  now?: () => number
  /** Stands in {@link WhatsAppFake.graphUrl}; any other version is taken too. */
  graphVersion?: string
  host?: string
  /** How webhooks are posted and posted again. */
  deliveries?: Partial<DeliverySettings>
}

export type SentTo = SentMessage & { account: WhatsAppAccount }

export type WhatsAppFake = {
  /** In place of https://graph.facebook.com, with the version. */
  graphUrl: string
  /** The same without the version. */
  origin: string
  calls: CallLog
  faults: Faults
  deliveries: Deliveries
  accounts: readonly WhatsAppAccount[]
  /** @throws when there is one with that phone number's id */
  addAccount(settings: AccountSettings): WhatsAppAccount
  /** Of all accounts, those added later too: a message was accepted, or its state changed. */
  on(event: 'changed', listener: (sent: SentTo) => void): () => void
  /** Resolves when everything accepted has gone its way and every webhook is taken or given up. */
  idle(): Promise<void>
  /** @throws what went wrong inside the fake while it ran */
  close(): Promise<void>
}

export async function startWhatsApp(options: WhatsAppOptions = {}): Promise<WhatsAppFake> {
  const { now = Date.now, graphVersion = 'v23.0', host } = options
  const accounts: WhatsAppAccount[] = []
  const calls = new CallLog()
  const faults = new Faults()
  const deliveries = new Deliveries({ now, settings: { timeoutMs: 5_000, ...options.deliveries } })
  const media = new MediaStore(now)
  const pending = new Set<Promise<void>>()
  const failures: unknown[] = []
  const listeners = new Set<(sent: SentTo) => void>()
  let origin = ''

  function later(work: () => Promise<void>, afterAnswer: boolean, c: GraphContext): void {
    const { outgoing } = c.env
    const run: Promise<void> = (afterAnswer && !outgoing.destroyed ? ended(outgoing) : Promise.resolve())
      .then(work)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => void pending.delete(run))
    pending.add(run)
  }

  const server = await startFakeServer({
    routes: graphRoutes({ accounts, media, rate: new RateLimit(now), now, origin: () => origin, later }),
    calls,
    faults,
    now,
    inspect,
    secretQuery: ['access_token', 'hash'],
    ...(host !== undefined && { host }),
  })
  origin = server.url
  return {
    graphUrl: `${origin}/${graphVersion}`,
    origin,
    calls,
    faults,
    deliveries,
    accounts,
    addAccount(settings) {
      if (accounts.some((one) => one.settings.phoneNumberId === settings.phoneNumberId)) {
        throw new Error(`there is already an account ${settings.phoneNumberId}`)
      }
      const account = new WhatsAppAccount(settings, { now, deliveries, media })
      accounts.push(account)
      account.sent.on((sent) => {
        for (const listener of listeners) listener({ ...sent, account })
      })
      return account
    },
    on(_event, listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async idle() {
      while (pending.size > 0 || deliveries.waiting() > 0) {
        await Promise.all(pending)
        await deliveries.idle()
      }
    },
    async close() {
      deliveries.close()
      await server.close()
      await Promise.all(pending)
      if (failures.length > 0) throw new AggregateError(failures, 'the fake itself failed')
    },
  }
}

/** When an answer has left, or nobody waits for it any more. */
function ended(outgoing: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => outgoing.once('close', () => resolve()))
}
