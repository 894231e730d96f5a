import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConversationId, MemberId, MessageId } from '../../domain/ids.ts'
import type { Message } from '../../domain/rows.ts'
import type { CommandArgs } from '../../domain/commands.ts'
import { LINE, OPEN, SHOP, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'
import type { Outgoing, SendResult } from '../channels/platform.ts'
import { sampleSending, sampleWork } from '../channels/sample-sending.ts'

const OPEN_LINE = ConversationId.parse('open-line')
let hub: SampleHub

/** A channel that writes down what it was given. */
class Recorder {
  readonly sent: string[] = []
  /** What the next calls do instead of sending. */
  readonly trouble: (() => Promise<never> | SendResult)[] = []

  readonly send = async ({ message }: Outgoing): Promise<SendResult> => {
    const trouble = this.trouble.shift()
    if (trouble) return trouble()
    this.sent.push(message.id)
    return { ok: true }
  }
}

let tidied = 0
const tidy = async () => void (tidied += 1)
const sendCounts = async () => (await hub.jobs.counts()).find(({ queue }) => queue === 'channel.send')

let seq = 0
const agent = {
  teamId: SHOP,
  memberId: MemberId.parse('cs_agent'),
  workstationId: 'counter-1',
  clientId: 'client-1',
  expiresAt: 0,
}

/** Sends as the cs_agent does. */
async function write(messageId: string, conversationId = OPEN): Promise<void> {
  const args: CommandArgs<'message.send'> = {
    conversationId,
    messageId: MessageId.parse(messageId),
    content: { kind: 'text', text: 'secret words of a customer' },
  }
  await hub.core.runPushed(agent, { seq: ++seq, name: 'message.send', args, at: 0 })
}

async function stateOf(messageId: string): Promise<Message['delivery'] | undefined> {
  return (await hub.core.row(SHOP, 'message', messageId))?.delivery
}
const becomes = (messageId: string, state: string) =>
  vi.waitFor(async () => expect((await stateOf(messageId))?.state).toBe(state), { timeout: 15_000, interval: 20 })

describe('sending', () => {
  const recorder = new Recorder()
  beforeAll(async () => {
    hub = await openSampleHub()
    await hub.jobs.start(sampleWork(sampleSending(hub.core, { webchat: recorder }), tidy))
  }, 60_000)
  beforeEach(() => void recorder.sent.splice(0))
  afterAll(() => hub.close())

  it('[CNV-10] sends each message once, in the order of its conversation, soon after the commit', async () => {
    await write('warm-up')
    await becomes('warm-up', 'sent')
    const begun = performance.now()
    const ids = Array.from({ length: 12 }, (_, n) => `m-${n}`)
    for (const id of ids) await write(id)
    await becomes('m-11', 'sent')
    // Far less than asking every two seconds would take.
    expect(performance.now() - begun).toBeLessThan(12 * 1_000)
    expect(recorder.sent).toEqual(['warm-up', ...ids])
    expect(hub.written.join('')).not.toContain('secret words')
  }, 20_000)

  it('[CNV-10] fails a message that the channel refuses, and one whose channel cannot send', async () => {
    recorder.trouble.push(() => ({ ok: false, code: 'channel.rejected', platformCode: '100' }))
    await write('refused')
    await write('unsendable', OPEN_LINE)
    await becomes('refused', 'failed')
    await becomes('unsendable', 'failed')
    expect(await stateOf('refused')).toEqual({ state: 'failed', code: 'channel.rejected', platformCode: '100' })
    expect(await stateOf('unsendable')).toEqual({ state: 'failed', code: 'channel.unconnected', platformCode: null })
    await write('after')
    await becomes('after', 'sent')
    expect((await hub.core.row(SHOP, 'channel', LINE))?.kind).toBe('line')
  }, 20_000)

  it('tries again after a fault, and the later messages of the conversation wait for it', async () => {
    recorder.trouble.push(() => Promise.reject(new Error('the network is down')))
    await write('first')
    await write('second')
    await becomes('second', 'sent')
    expect(recorder.sent).toEqual(['first', 'second'])
  }, 20_000)

  it('leaves nothing to do when the command is undone', async () => {
    const undone = hub.db.transaction().execute(async (trx) => {
      const effect = {
        type: 'channel.send',
        channelId: LINE,
        conversationId: OPEN_LINE,
        messageId: MessageId.parse('x'),
      } as const
      await hub.jobs.record(trx, SHOP, [effect])
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await sendCounts()).toMatchObject({ waiting: 0, active: 0 })
    await write('kept')
    await becomes('kept', 'sent')
    expect(recorder.sent).toEqual(['kept'])
  }, 60_000)
})

it('[SYN-3] does after a restart what was recorded and what was under way, and nothing twice', async () => {
  hub = await openSampleHub()
  seq = 0
  await write('one')
  await write('two')
  await write('three')
  // As a killed hub leaves it: the first was sent and recorded, its job not ended; the second was begun.
  const progress: CommandArgs<'message.progress'> = { messageIds: ['one'], delivery: { state: 'sent' } }
  await hub.core.system(SHOP, 'message.progress', progress)
  await hub.leaveUnderWay()
  const { home } = hub
  await hub.close(true)

  hub = await openSampleHub(home)
  expect(await sendCounts()).toMatchObject({ failed: 0 })
  const recorder = new Recorder()
  await hub.jobs.start(sampleWork(sampleSending(hub.core, { webchat: recorder }), tidy))
  await becomes('three', 'sent')
  expect(recorder.sent).toEqual(['two', 'three'])
  await hub.close()
}, 60_000)

it('[SYN-3] sends what waited for a hub without a pause between two messages of a conversation', async () => {
  hub = await openSampleHub()
  seq = 0
  const ids = Array.from({ length: 100 }, (_, n) => `late-${n}`)
  for (const id of ids) await write(id)
  const recorder = new Recorder()
  await hub.jobs.start(sampleWork(sampleSending(hub.core, { webchat: recorder }), tidy))
  // One at each time the queue is asked anew, every few seconds, would take far longer than this waits.
  await becomes('late-99', 'sent')
  expect(recorder.sent).toEqual(ids)
  await hub.close()
}, 60_000)

it('tidies up once a day, and once for the days on which no hub was running', async () => {
  hub = await openSampleHub()
  await hub.jobs.start(sampleWork(sampleSending(hub.core), tidy))
  await sql`update jobs.schedule set created_on = now() - interval '9 days'`.execute(hub.db)
  await sql`update jobs.version set cron_on = now() - interval '3 days'`.execute(hub.db)
  const { home } = hub
  await hub.close(true)
  tidied = 0
  hub = await openSampleHub(home)
  await hub.jobs.start(sampleWork(sampleSending(hub.core), tidy))
  await vi.waitFor(() => expect(tidied).toBe(1), { timeout: 45_000, interval: 50 })
  await hub.close()
}, 90_000)
