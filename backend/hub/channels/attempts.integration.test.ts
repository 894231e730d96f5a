import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ContactId, ConversationId, MemberId, MessageId } from '../../domain/ids.ts'
import type { CommandArgs } from '../../domain/commands.ts'
import { LINE, SHOP, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'
import { tidyAttempts } from './attempts.ts'
import { doErrand } from './errands.ts'
import { TryLater, Uncertain } from './platform.ts'
import type { Attempt, Outgoing, SendResult } from './platform.ts'
import { sampleSending } from './sample-sending.ts'
import { sendMessage } from './sender.ts'

const TALK = ConversationId.parse('open-line')
let hub: SampleHub
let seq = 0

beforeAll(async () => {
  hub = await openSampleHub()
}, 60_000)
afterAll(() => hub.close())

/** The agent writes; the job to send it. */
async function write(id: string) {
  const messageId = MessageId.parse(id)
  const args: CommandArgs<'message.send'> = { conversationId: TALK, messageId, content: { kind: 'text', text: '有的' } }
  const agent = {
    teamId: SHOP,
    memberId: MemberId.parse('cs_agent'),
    workstationId: 'counter-1',
    clientId: 'client-1',
    expiresAt: 0,
  }
  await hub.core.runPushed(agent, { seq: ++seq, name: 'message.send', args, at: 0 })
  return { teamId: SHOP, channelId: LINE, conversationId: TALK, messageId }
}

/** The customer writes: there is a token by which they can be answered. */
async function freshToken(token: string, age = 0): Promise<void> {
  await sql`
    insert into reply_token (team_id, conversation_id, token, received_at)
    values (${SHOP}, ${TALK}, ${token}, ${hub.clock.now - age})`.execute(hub.db)
}

/** Sending over a LINE that does this with each message, and tells what it found. */
function over(send: (attempt: Attempt) => Promise<SendResult>) {
  const line = { send: ({ attempt }: Outgoing) => send(attempt) }
  return sampleSending(hub.core, { line }, { clock: () => hub.clock.now })
}

it('gives a message the conversation’s reply token once', async () => {
  await freshToken('fresh')
  const found: unknown[] = []
  const parts = over(async (attempt) => {
    found.push((await attempt.begin()).reply?.token ?? null)
    return { ok: true }
  })
  await sendMessage(parts, await write('first'))
  await sendMessage(parts, await write('second'))
  expect(found).toEqual(['fresh', null])
})

it('[SYN-3] gives out no token that LINE may let run out before its refusal can be taken for its use', async () => {
  await freshToken('stale', 40_000)
  const found: unknown[] = []
  const parts = over(async (attempt) => {
    found.push((await attempt.begin()).reply)
    return { ok: true }
  })
  await sendMessage(parts, await write('late'))
  expect(found).toEqual([null])
})

it('[SYN-3] remembers an attempt that may have come through, whatever is refused after it', async () => {
  await freshToken('first')
  const found: unknown[] = []
  const parts = over(async (attempt) => {
    found.push(attempt.earlier?.reply?.token ?? null)
    if (!attempt.earlier) await attempt.begin()
    if (found.length === 1) throw new Uncertain('LINE did not answer')
    if (found.length === 2) throw new TryLater('LINE is too busy')
    return { ok: true }
  })
  const job = await write('unsure')
  await expect(sendMessage(parts, job)).rejects.toThrow(Uncertain)
  await freshToken('later')
  await expect(sendMessage(parts, job)).rejects.toThrow(TryLater)
  await sendMessage(parts, job)
  expect(found).toEqual([null, 'first', 'first'])
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from send_attempt`.execute(hub.db)
  expect(rows).toEqual([{ n: 0 }])
})

it('[SYN-3] begins anew after an attempt of which nothing came', async () => {
  const found: unknown[] = []
  const parts = over(async (attempt) => {
    found.push(attempt.earlier)
    await attempt.begin()
    if (found.length === 1) throw new TryLater('LINE is too busy')
    return { ok: true }
  })
  const job = await write('put-off')
  await expect(sendMessage(parts, job)).rejects.toThrow(TryLater)
  await sendMessage(parts, job)
  expect(found).toEqual([null, null])
})

it('[SYN-3] tells a greeting that is done again after a kill that it was tried, until it is long past', async () => {
  const channel = await hub.core.row(SHOP, 'channel', LINE)
  if (!channel) throw new Error('the sample has no LINE channel')
  await hub.core.importRows(SHOP, [['channel', { ...channel, welcomeText: '歡迎光臨' }]])
  const conversation = await hub.core.row(SHOP, 'conversation', TALK)
  const contactId = ContactId.parse(conversation?.contactId)
  const greeting = {
    type: 'channel.welcome',
    teamId: SHOP,
    channelId: LINE,
    contactId,
    messageId: MessageId.parse('e~follow'),
  } as const
  const known: boolean[] = []
  const parts = over(async (attempt) => {
    known.push(attempt.earlier !== null)
    if (!attempt.earlier) await attempt.begin()
    return { ok: true }
  })
  await doErrand(parts, greeting)
  // The hub was killed before the queue knew that it was done.
  await doErrand(parts, greeting)
  expect(known).toEqual([false, true])
  expect(await tidyAttempts(hub.db, hub.clock.now)).toBe(0)
  expect(await tidyAttempts(hub.db, hub.clock.now + 1)).toBe(1)
})
