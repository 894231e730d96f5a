/** WhatsApp as a platform of the hub, through the Cloud API. */
import { z } from 'zod'
import type { Connection, Platform } from '../platform.ts'
import { setBlocked } from './blocks.ts'
import { check } from './check.ts'
import { createGraph } from './graph.ts'
import type { Timeouts } from './graph.ts'
import { fetchMedia } from './media.ts'
import { send } from './send.ts'
import { listTemplates } from './templates.ts'
import { createWebhook } from './webhook.ts'

const GRAPH = 'https://graph.facebook.com'
const TIMEOUTS: Timeouts = { call: 10_000, send: 15_000, bytes: 60_000 }

const id = z
  .string()
  .trim()
  .regex(/^\d{1,30}$/)
const secret = z.string().trim().min(1).max(1_000)

/** What Meta's app dashboard shows of an account. */
const WhatsAppAccount = z.strictObject({
  phoneNumberId: id,
  /** Of the WhatsApp business account (WABA) that has the number and the templates. */
  businessAccountId: id,
  /** By which calls of the webhook are signed. */
  appSecret: secret,
  /**
   * Made up, and given to Meta with the webhook's address. No secret: whoever knows it can only ask whether the address is
   * ours, and an admin may have to give it to Meta again.
   */
  verifyToken: secret,
  accessToken: secret,
  graphVersion: z
    .string()
    .trim()
    .regex(/^v\d{1,2}\.\d$/)
    .default('v23.0'),
})

/** @param timeouts shorter ones for tests */
export function createWhatsAppPlatform(timeouts: Timeouts = TIMEOUTS): Platform {
  return {
    kind: 'whatsapp',
    account: WhatsAppAccount,
    secrets: ['appSecret', 'accessToken'],
    madeUp: ['verifyToken'],
    connect({ channelId }, given, { addresses, clock }): Connection {
      const account = WhatsAppAccount.parse(given)
      const { phoneNumberId, businessAccountId } = account
      // Those of a fake may end in a slash.
      const base = (addresses['graph'] ?? GRAPH).replace(/\/+$/, '')
      const graph = createGraph(base, account.graphVersion, account.accessToken, timeouts)
      return {
        webhook: createWebhook(account, clock),
        send: (outgoing) => send({ graph, phoneNumberId, timeouts, clock }, outgoing),
        media: (ref) => fetchMedia(graph, phoneNumberId, ref),
        check: (webhookUrl) => check(graph, account, webhookUrl),
        templates: () => listTemplates(graph, businessAccountId, channelId),
        setBlocked: (externalIds, blocked) => setBlocked(graph, phoneNumberId, externalIds, blocked),
      }
    },
  }
}

export const whatsappPlatform: Platform = createWhatsAppPlatform()
