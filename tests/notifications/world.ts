/** What tests of notification messages stand on: LINE and a SMS provider as fakes over HTTP, a database, and a hub that can be killed. */
import { z } from 'zod'
import { ChannelId, ContactId } from '../../backend/domain/ids.ts'
import type { HubDatabase } from '../../backend/hub/core.ts'
import {
  LINE,
  PUBLIC_URL,
  RIVAL,
  SHOP,
  openSampleNotifications,
  sampleTeams,
} from '../../backend/hub/notifications/sample-notifications.ts'
import type { SampleNotifications } from '../../backend/hub/notifications/sample-notifications.ts'
import type { LineAccount } from '../fakes/line/account.ts'
import { startLine } from '../fakes/line/line.ts'
import { startSms } from '../fakes/sms/sms.ts'
import { until } from '../world/until.ts'

export const PHONE = '+886912345678'
export const TEXT = '您的訂單已到店'
const SMS_TOKEN = 'token-of-the-sms-provider'
export const HOURS = 60 * 60 * 1000
const LINE_OF_RIVAL = ChannelId.parse('theirs')

const Made = z.object({ key: z.string(), view: z.object({ id: z.string() }) })
const Accepted = z.object({ id: z.string(), state: z.literal('queued') })
export const Course = z.strictObject({
  id: z.string(),
  channelId: z.string(),
  state: z.string(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  tries: z.array(
    z.strictObject({
      means: z.string(),
      state: z.string(),
      code: z.string().nullable(),
      platformCode: z.string().nullable(),
      attempts: z.number(),
      begunAt: z.number(),
      acceptedAt: z.number().nullable(),
      deliveredAt: z.number().nullable(),
      endedAt: z.number().nullable(),
    }),
  ),
})
export type Course = z.infer<typeof Course>

/** Making a database takes longer than most tests: those of a file use one after the other. */
let shared: Awaited<ReturnType<typeof sampleTeams>> | undefined

/** After the last test of a file. */
export async function endWorlds(): Promise<void> {
  await shared?.close()
  shared = undefined
}

export type NotifyWorld = Awaited<ReturnType<typeof startNotifyWorld>>

/** @param withSms whether the team has a SMS provider */
export async function startNotifyWorld({
  withSms = true,
  ...more
}: { withSms?: boolean; limits?: { key: number; wrong: number } } = {}) {
  const clock = { now: Date.UTC(2026, 10, 20, 4) }
  const now = () => clock.now
  const line = await startLine({ now, deliveries: { retryAfterMs: 20 } })
  const sms = await startSms({ now, accept: { token: SMS_TOKEN } })
  const tunnel: Record<string, string> = {}
  const account = (channelId: string, of: string) =>
    line.addAccount({
      channelId,
      channelSecret: `secret-${channelId}`,
      accessToken: `access-${channelId}`,
      webhookUrl: `${PUBLIC_URL}/channels/${of}/webhook`,
      name: 'Shop',
      basicId: '@shop',
      loginChannelId: `${channelId}7`,
      loginChannelSecret: `login-secret-${channelId}`,
      tunnel,
    })
  const shop = account('1', LINE)
  const rival = account('2', 'theirs')
  const given = (of: LineAccount) => ({
    channelId: of.channelId,
    channelSecret: of.channelSecret,
    accessToken: of.accessToken ?? '',
    loginChannelId: of.loginChannelId,
    loginChannelSecret: of.loginChannelSecret,
  })
  const database = await sampleTeams(shared)
  shared = database
  let lineIsUp = true
  const open = async (db: HubDatabase = database.db): Promise<SampleNotifications> => {
    const hub = await openSampleNotifications(db, { addresses: { line: line.apiUrl }, clock, smsTimeout: 500, ...more })
    tunnel[PUBLIC_URL] = hub.url
    await hub.channels.start()
    return hub
  }
  let hub = await open()
  await hub.connect(given(shop))
  await hub.connect(given(rival), RIVAL, LINE_OF_RIVAL)
  const setSms = (body: Record<string, unknown> = {}) =>
    hub.as('admin', '/notifications/sms', {
      method: 'PUT',
      body: JSON.stringify({
        url: sms.url,
        token: SMS_TOKEN,
        fields: { to: '{to}', text: '{text}', reference: '{reference}' },
        ...body,
      }),
    })
  if (withSms) await setSms()
  const makeKey = async (who = 'admin') => {
    const made = await hub.as(who, '/notifications/keys', {
      method: 'POST',
      body: JSON.stringify({ name: '訂單系統' }),
    })
    return Made.parse(await made.json())
  }
  const { key } = await makeKey()

  const world = {
    clock,
    line,
    sms,
    shop,
    rival,
    database,
    key,
    setSms,
    makeKey,
    get hub() {
      return hub
    },
    /** The hub dies and another begins with what is in the database. */
    async restart(db?: HubDatabase) {
      await hub.close()
      hub = await open(db)
      await hub.notifications.takeOver()
    },
    post(body: unknown, { idempotencyKey = 'order-1', as = key }: { idempotencyKey?: string; as?: string } = {}) {
      const headers = { 'idempotency-key': idempotencyKey }
      return hub.call(as, '/v1/notifications', { method: 'POST', headers, body: JSON.stringify(body) })
    },
    /** Asks for one, and gives back its id. */
    async send(more: Record<string, unknown> = {}, idempotencyKey = 'order-1'): Promise<string> {
      const answer = await world.post({ phone: PHONE, text: TEXT, ...more }, { idempotencyKey })
      if (answer.status !== 202) throw new Error(`answered ${answer.status}: ${await answer.text()}`)
      return Accepted.parse(await answer.json()).id
    },
    async course(id: string): Promise<Course> {
      const answer = await hub.call(key, `/v1/notifications/${id}`)
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`)
      return Course.parse(await answer.json())
    },
    /** State, and each means with its state and code. */
    async short(id: string): Promise<string[]> {
      const { state, tries } = await world.course(id)
      return [state, ...tries.map((one) => [one.means, one.state, one.code].filter((part) => part !== null).join(' '))]
    },
    sweep: () => hub.notifications.sweep(),
    /** Lets time go by and what has become due be done. */
    async after(ms: number) {
      clock.now += ms
      await hub.notifications.sweep()
    },
    /** Goes from one due time to the next until it has ended, or nothing more happens by itself. */
    async finish(id: string) {
      for (let round = 0; round < 200; round += 1) {
        await hub.notifications.sweep()
        const { rows } = await database.executeSql(`select due_at, ended_at from notification where id = $1`, [id])
        const row = z.object({ due_at: z.number(), ended_at: z.number().nullable() }).parse(rows[0])
        if (row.ended_at !== null) return
        clock.now = Math.max(clock.now, row.due_at)
      }
      throw new Error('it never ends')
    },
    /** Everything LINE has told has been taken and dealt with. */
    async settled() {
      await line.deliveries.idle()
      await until('the inbox is empty', async () => {
        const { rows } = await database.executeSql(`select 1 from inbound_event where done_at is null`)
        return rows.length === 0
      })
    },
    /** What somebody was shown, as `via: text`. */
    shown: (user: { id: string }) =>
      shop.messagesFor(user.id).map(({ via, message }) => `${via}: ${'text' in message ? String(message.text) : ''}`),
    smsTo: (phone = PHONE) => sms.messagesFor(phone).map(({ text }) => text),
    /** Makes a user's number known to the hub, as a contact of it has it. */
    async matched(user: { id: string }, phone = PHONE) {
      shop.follow(user.id)
      await world.settled()
      const { rows } = await database.executeSql(`select id from contact where external_id = $1`, [user.id])
      const contact = z.object({ id: z.string() }).parse(rows[0])
      await hub.core.system(SHOP, 'contact.describe', { contactId: ContactId.parse(contact.id), matchedPhone: phone })
      return contact.id
    },
    /** From now on nothing is at LINE's address. */
    async lineIsGone() {
      lineIsUp = false
      await line.close()
    },
    async close() {
      await hub.close()
      if (lineIsUp) await line.close()
      await sms.close()
    },
  }
  return world
}
