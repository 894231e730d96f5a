/**
 * A small SMS provider over HTTP, such as shops have one: `POST /sms` with a bearer token and `{ to, text, reference }`. The same
 * reference is sent once, however often it is asked for.
 */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import { CallLog } from '../platform/calls.ts'
import { Faults } from '../platform/faults.ts'
import { startFakeServer } from '../platform/server.ts'
import type { FakeEnv, Received } from '../platform/server.ts'
import { Deliveries } from '../platform/webhook.ts'
import type { DeliverySettings } from '../platform/webhook.ts'

export type SmsOptions = {
  accept: {
    /** Where it takes messages; `/sms` when not given. */
    path?: string
    token: string
  }
  /** ms */
  now?: () => number
  host?: string
  /** Where it reports that a phone took a message, with the same token. */
  receiptUrl?: string | (() => string)
  deliveries?: Partial<DeliverySettings>
}

export type Sms = {
  id: string
  /** ms by the fake's clock. */
  at: number
  to: string
  text: string
  reference: string
}

export type SmsFake = {
  /** The address to post to. */
  url: string
  calls: CallLog
  faults: Faults
  /** Of receipts. */
  deliveries: Deliveries
  /** What a phone got, in order; by its number in E.164. */
  messagesFor(phone: string): Sms[]
  /** @throws what went wrong inside the fake while it ran */
  close(): Promise<void>
}

/** Six concatenated messages of UCS-2, in UTF-16 units. */
export const TEXT_MAX = 402

const Request = z.strictObject({
  to: z.e164(),
  text: z.string().min(1).max(TEXT_MAX),
  reference: z.string().min(1).max(100),
})

/** What is posted to the receipt address. */
export const Receipt = z.strictObject({ id: z.uuid(), reference: z.string(), status: z.literal('delivered') })
export type Receipt = z.infer<typeof Receipt>

export async function startSms({ accept, now = Date.now, host, receiptUrl, ...rest }: SmsOptions): Promise<SmsFake> {
  const { path = '/sms', token } = accept
  const calls = new CallLog()
  const faults = new Faults()
  const deliveries = new Deliveries({ now, settings: { timeoutMs: 5_000, ...rest.deliveries } })
  const sent = new Map<string, Sms>()

  const routes = new Hono<FakeEnv>().post(path, (c) => {
    if (c.req.header('authorization') !== `Bearer ${token}`) return c.json({ error: 'unauthorized' }, 401)
    const { problems, body } = c.get('call')
    if (problems.length > 0) return c.json({ error: 'invalid', problems }, 400)
    const request = Request.parse(body)
    const before = sent.get(request.reference)
    if (before && (before.to !== request.to || before.text !== request.text)) {
      return c.json({ error: 'reference_used' }, 409)
    }
    if (before) return c.json({ id: before.id, status: 'accepted' }, 202)
    const sms: Sms = { id: randomUUID(), at: now(), ...request }
    sent.set(sms.reference, sms)
    if (receiptUrl !== undefined) {
      const receipt: Receipt = { id: sms.id, reference: sms.reference, status: 'delivered' }
      const address = () => (typeof receiptUrl === 'string' ? receiptUrl : receiptUrl())
      const sign = () => ({ authorization: `Bearer ${token}` })
      deliveries.send({ key: 'receipts', address, sign }, Receipt.parse(receipt))
    }
    return c.json({ id: sms.id, status: 'accepted' }, 202)
  })

  function inspect({ method, path: called, body }: Received): string[] {
    if (method !== 'POST' || called !== path) return [`no endpoint ${method} ${called}`]
    const { error } = Request.safeParse(body)
    return (error?.issues ?? []).map(({ path: at, message }) => `${at.join('.') || 'body'}: ${message}`)
  }

  const server = await startFakeServer({ routes, calls, faults, now, inspect, ...(host !== undefined && { host }) })
  return {
    url: `${server.url}${path}`,
    calls,
    faults,
    deliveries,
    messagesFor: (phone) => [...sent.values()].filter(({ to }) => to === phone),
    async close() {
      deliveries.close()
      await server.close()
    },
  }
}
