/** What comes in and goes out through LINE and WhatsApp, over real HTTP and a real database, with the platforms' fakes. */
import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AttachmentId, MessageId } from '../../domain/ids.ts'
import type { ConversationId } from '../../domain/ids.ts'
import type { Message } from '../../domain/rows.ts'
import sharp from 'sharp'
import { messageIdOf } from './ids.ts'
import {
  LINE,
  LINE_ACCOUNT,
  TEAM,
  WHATSAPP,
  WHATSAPP_ACCOUNT,
  startChannelWorld,
} from '../../../tests/world/channels.ts'
import type { ChannelWorld } from '../../../tests/world/channels.ts'
import { webhookPath } from './webhooks.ts'

let world: ChannelWorld
beforeAll(async () => {
  world = await startChannelWorld({ line: { welcomeText: '歡迎加入好日子' } })
}, 60_000)
afterAll(() => world.close())
beforeEach(() => {
  world.line.faults.clear()
  world.whatsapp.faults.clear()
  expect([world.line.calls.invalid(), world.whatsapp.calls.invalid()]).toEqual([[], []])
})

const HOUR = 60 * 60 * 1000
const eventually = (check: () => Promise<void> | void, timeout = 15_000) => vi.waitFor(check, { timeout, interval: 20 })
const bodies = async (id: ConversationId) => (await world.thread(id)).map(({ body }) => body)
const stateOf = async (id: string): Promise<Message['delivery'] | undefined> =>
  (await world.core.row(TEAM, 'message', id))?.delivery
let made = 0
const newId = () => MessageId.parse(`ours-${++made}`)
/** A member answers; gives back the message's id. */
async function answer(conversationId: ConversationId, text: string): Promise<MessageId> {
  const messageId = newId()
  expect(await world.member('message.send', { conversationId, messageId, content: { kind: 'text', text } })).toBeNull()
  return messageId
}
const settled = (id: MessageId, state: string) => eventually(async () => expect((await stateOf(id))?.state).toBe(state))
/** A LINE customer who has written. */
async function lineCustomer(name: string) {
  const user = world.shop.addUser({ name, isFriend: true })
  world.shop.send(user, { type: 'text', text: `我是${name}` })
  const { conversationId, contactId } = world.with(LINE, user.id)
  await eventually(async () => expect(await world.thread(conversationId)).toHaveLength(1))
  return { user, conversationId, contactId }
}
async function whatsappCustomer(name: string) {
  const user = world.number.addUser({ name })
  world.number.send(user, { type: 'text', text: `我是${name}` })
  const { conversationId, contactId } = world.with(WHATSAPP, user.waId ?? user.userId)
  await eventually(async () => expect(await world.thread(conversationId)).toHaveLength(1))
  return { user, conversationId, contactId, to: user.waId ?? user.userId }
}
const picture = () =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: '#0a6' } })
    .png()
    .toBuffer()

describe('a call of a platform', () => {
  const body = (events: unknown[]) => JSON.stringify({ destination: world.shop.userId, events })
  const sign = (text: string) => createHmac('sha256', LINE_ACCOUNT.channelSecret).update(text).digest('base64')
  const call = (text: string, signature: string | null, channel: string = LINE) =>
    fetch(world.url + webhookPath(channel as typeof LINE), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(signature === null ? {} : { 'x-line-signature': signature }) },
      body: text,
    })
  const event = (id: string, more: object = {}) => ({
    type: 'message',
    mode: 'active',
    timestamp: world.now(),
    source: { type: 'user', userId: `U${'a'.repeat(32)}` },
    webhookEventId: id,
    deliveryContext: { isRedelivery: false },
    replyToken: 'token',
    message: { id: `id-of-${id}`, type: 'text', text: '在嗎', quoteToken: 'q' },
    ...more,
  })
  const kept = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from inbound_event`.execute(world.db)).rows[0]?.n

  it('with a wrong signature, without one, or of a channel that nobody knows leaves nothing', async () => {
    const before = await kept()
    const text = body([event('forged')])
    expect((await call(text, sign(`${text} `))).status).toBe(401)
    expect((await call(text, null)).status).toBe(401)
    expect((await call(text, sign(text), 'no-such-channel')).status).toBe(404)
    expect((await call(text, sign(text), WHATSAPP)).status).toBe(401)
    expect(await kept()).toBe(before)
  })

  it('is answered only when its events are durable, and a replayed one is there once', async () => {
    const text = body([event('first'), event('second')])
    expect((await call(text, sign(text))).status).toBe(200)
    const { rows } = await sql<{ event_id: string }>`
      select event_id from inbound_event where event_id in ('first', 'second') order by 1`.execute(world.db)
    expect(rows.map(({ event_id }) => event_id)).toEqual(['first', 'second'])
    for (const again of [1, 2]) expect([again, (await call(text, sign(text))).status]).toEqual([again, 200])
    const { conversationId } = world.with(LINE, `U${'a'.repeat(32)}`)
    await eventually(async () => expect(await world.thread(conversationId)).toHaveLength(2))
    await eventually(async () => {
      const { rows } = await sql`select 1 from inbound_event where done_at is null`.execute(world.db)
      expect(rows).toEqual([])
    })
    expect(await world.thread(conversationId)).toHaveLength(2)
    // What was said is kept in the conversation alone.
    const left = await sql`select 1 from inbound_event where event is not null`.execute(world.db)
    expect(left.rows).toEqual([])
  })

  it('with events that mean nothing to us, or that are of nobody we know, changes nothing and is answered', async () => {
    const before = [await world.rows('message'), await world.rows('contact')]
    const strange = [
      event('unknown-type', { type: 'somethingNew', message: undefined }),
      event('unsent', { type: 'unsend', unsend: { messageId: 'never-heard-of' }, message: undefined }),
      event('left', { type: 'unfollow', source: { type: 'user', userId: `U${'b'.repeat(32)}` }, message: undefined }),
      event('nobody', { source: undefined }),
    ]
    const text = body(strange)
    expect((await call(text, sign(text))).status).toBe(200)
    await eventually(async () => {
      const { rows } = await sql`select 1 from inbound_event where done_at is null`.execute(world.db)
      expect(rows).toEqual([])
    })
    expect([await world.rows('message'), await world.rows('contact')]).toEqual(before)
  })

  it('that cannot be read is kept for a later version of the hub, and holds up nobody', async () => {
    const text = '{"destination": 5, "events": "none"}'
    expect((await call(text, sign(text))).status).toBe(200)
    await lineCustomer('後來的人')
    const { rows } = await sql<{ failure: string; event: object }>`
      select failure, event from inbound_event where event is not null`.execute(world.db)
    expect(rows).toEqual([{ failure: 'unreadable', event: { unreadable: Buffer.from(text).toString('base64') } }])
    await sql`delete from inbound_event where event is not null`.execute(world.db)
  })

  it('of WhatsApp is asked whether the address is ours, and only with its token', async () => {
    expect(await world.number.challenge()).toBe(true)
    const wrong = `${world.url}${webhookPath(WHATSAPP)}?hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1`
    expect((await fetch(wrong)).status).toBe(404)
    expect((await fetch(wrong.replace(WHATSAPP, LINE))).status).toBe(404)
  })
})

describe('a LINE customer', () => {
  it('[NTF-4] who adds the account is a contact and greeted once, for free; [CNV-3] who writes is a conversation', async () => {
    const user = world.shop.addUser({ name: '林小姐' })
    world.shop.follow(user)
    const { contactId, conversationId } = world.with(LINE, user.id)
    await eventually(() => expect(world.shop.messagesFor(user)).toHaveLength(1))
    expect(world.shop.messagesFor(user)[0]).toMatchObject({ via: 'reply', message: { text: '歡迎加入好日子' } })
    await eventually(async () =>
      expect(await world.core.row(TEAM, 'contact', contactId)).toMatchObject({ name: '林小姐' }),
    )
    expect(await world.core.row(TEAM, 'conversation', conversationId)).toBeUndefined()
    world.shop.send(user, { type: 'text', text: '請問幾點開門' })
    await eventually(async () => expect(await bodies(conversationId)).toEqual([{ kind: 'text', text: '請問幾點開門' }]))
    expect(await world.core.row(TEAM, 'conversation', conversationId)).toMatchObject({ status: 'pending_person' })
  })

  it('[CNV-10] gets a quick answer as a reply and later ones as a push, each once', async () => {
    const { user, conversationId } = await lineCustomer('王先生')
    const first = await answer(conversationId, '馬上來')
    const second = await answer(conversationId, '久等了')
    await settled(second, 'sent')
    expect((await stateOf(first))?.state).toBe('sent')
    expect(world.shop.messagesFor(user).map(({ via, message }) => [via, message])).toEqual([
      ['reply', { type: 'text', text: '馬上來' }],
      ['push', { type: 'text', text: '久等了' }],
    ])
    // The token that was used up is not tried again.
    const replies = world.line.calls
      .all()
      .filter(({ path, body }) => /reply$/.test(path) && JSON.stringify(body).includes('久等了'))
    expect(replies).toEqual([])
  })

  it('sends stickers, places, pictures and files; a picture is shown when its bytes have come', async () => {
    const { user, conversationId } = await lineCustomer('陳小姐')
    const bytes = await picture()
    world.shop.send(user, { type: 'sticker', packageId: '1', stickerId: '2', keywords: ['謝謝'] })
    world.shop.send(user, {
      type: 'location',
      title: '信義店',
      address: '台北市信義區',
      latitude: 25,
      longitude: 121.5,
    })
    world.shop.send(user, { type: 'image', bytes, mime: 'image/png' })
    world.shop.send(user, { type: 'file', name: '訂單.txt', bytes: Buffer.from('一號商品') })
    await eventually(async () =>
      expect((await bodies(conversationId)).slice(1)).toEqual([
        { kind: 'sticker', label: '謝謝' },
        { kind: 'location', title: '信義店', address: '台北市信義區', latitude: 25, longitude: 121.5 },
        expect.objectContaining({ kind: 'image', mime: 'image/png', size: bytes.length, width: 40, height: 30 }),
        expect.objectContaining({ kind: 'file', mime: 'text/plain', name: '訂單.txt' }),
      ]),
    )
  })

  it('whose picture never arrives is told apart from one whose picture comes late', async () => {
    const { user, conversationId } = await lineCustomer('周小姐')
    const lost = world.shop.send(user, { type: 'image', bytes: await picture(), mime: 'image/png' })
    world.shop.forget(lost.message.id)
    world.line.faults.next({ path: /content/ }, { type: 'hang', ms: 2_000, effect: 'none' })
    world.shop.send(user, { type: 'image', bytes: await picture(), mime: 'image/png' })
    await eventually(async () => {
      const kinds = (await bodies(conversationId)).map((body) => (body.kind === 'media' ? body.state : body.kind))
      expect(kinds.toSorted()).toEqual(['image', 'lost', 'text'])
    })
  })

  it('who takes a message back takes its text and file back everywhere', async () => {
    const { user, conversationId } = await lineCustomer('蔡先生')
    const sent = world.shop.send(user, { type: 'image', bytes: await picture(), mime: 'image/png' })
    const messageId = messageIdOf(LINE, sent.message.id)
    await eventually(async () => expect((await bodies(conversationId))[1]?.kind).toBe('image'))
    const body = (await world.core.row(TEAM, 'message', messageId))?.body
    if (body?.kind !== 'image') throw new Error('no picture')
    world.shop.unsend(user, sent.message.id)
    await eventually(async () => expect((await bodies(conversationId))[1]).toEqual({ kind: 'unsent' }))
    await eventually(async () => expect(await world.attachments.find(TEAM, body.attachmentId)).toBeUndefined())
    expect(await world.attachments.open(TEAM, body.attachmentId)).toBeNull()
  })

  it('who blocks the account is shown as blocked and is sent nothing, until they are back', async () => {
    const { user, conversationId, contactId } = await lineCustomer('吳小姐')
    world.shop.unfollow(user)
    await eventually(async () =>
      expect(await world.core.row(TEAM, 'contact', contactId)).toMatchObject({ subscribed: false }),
    )
    const id = await answer(conversationId, '在嗎')
    await settled(id, 'failed')
    expect(await stateOf(id)).toEqual({ state: 'failed', code: 'channel.blocked', platformCode: null })
    world.shop.follow(user)
    await eventually(async () =>
      expect(await world.core.row(TEAM, 'contact', contactId)).toMatchObject({
        subscribed: true,
        platformBlockedAt: null,
      }),
    )
    expect(await world.member('message.retry', { conversationId, messageId: id })).toBeNull()
    await settled(id, 'sent')
    expect(world.shop.messagesFor(user).map(({ message }) => message)).toContainEqual({ type: 'text', text: '在嗎' })
  })

  it('gets pictures at an address that is good for the picture alone, small enough for LINE', async () => {
    const { user, conversationId } = await lineCustomer('許小姐')
    const noise = Buffer.alloc(1_200 * 1_200 * 3).map(() => Math.floor(Math.random() * 256))
    const bytes = await sharp(noise, { raw: { width: 1_200, height: 1_200, channels: 3 } })
      .png()
      .toBuffer()
    const attachmentId = AttachmentId.parse('large-picture')
    const stored = await world.attachments.store({
      teamId: TEAM,
      conversationId,
      attachmentId,
      name: '新品.png',
      declared: 'image/png',
      bytes: new Blob([new Uint8Array(bytes)]).stream(),
    })
    if (!stored.ok) throw new Error(stored.refusal.code)
    const messageId = newId()
    const content = {
      kind: 'image',
      attachmentId,
      name: '新品.png',
      size: bytes.length,
      mime: 'image/png',
      width: 1_200,
      height: 1_200,
    } as const
    expect(await world.member('message.send', { conversationId, messageId, content })).toBeNull()
    await settled(messageId, 'sent')
    const message = world.shop.messagesFor(user).at(-1)?.message
    if (message?.type !== 'image') throw new Error('no picture was sent')
    expect(await world.shop.fetchPicture(message.originalContentUrl)).toMatchObject({
      ok: true,
      mime: 'image/png',
      bytes,
    })
    // The phone takes no preview of more than a megabyte.
    const preview = await world.shop.fetchPicture(message.previewImageUrl, 'preview')
    expect(preview).toMatchObject({ ok: true, mime: 'image/jpeg' })
    const own = message.originalContentUrl.replace('https://hub.example', world.url)
    for (const forged of [
      own.replace('large-picture', 'another'),
      own.replace('original', 'preview'),
      own.slice(0, -1),
    ]) {
      expect((await fetch(forged)).status).toBeGreaterThanOrEqual(400)
    }
  })
})

describe('a LINE group', () => {
  it('is one conversation in which each says who they are, and is answered as one', async () => {
    const [mother, son] = ['王媽媽', '王小明'].map((name) => world.shop.addUser({ name }))
    if (!mother || !son) throw new Error('no family')
    const group = world.shop.addGroup({ name: '王家', members: [mother, son] })
    world.shop.join(group)
    world.shop.send(mother, { type: 'text', text: '我要兩個' }, { in: group })
    world.shop.send(son, { type: 'text', text: '我也要' }, { in: group })
    world.shop.send(son, { type: 'text', text: '誰在說話' }, { in: group, anonymous: true })
    const { conversationId, contactId } = world.with(LINE, group.id)
    await eventually(async () => expect((await world.thread(conversationId)).length).toBe(3))
    expect((await world.thread(conversationId)).map(({ author }) => author)).toEqual([
      { type: 'customer', from: mother.id },
      { type: 'customer', from: son.id },
      { type: 'customer', from: null },
    ])
    await eventually(async () =>
      expect(await world.core.row(TEAM, 'contact', contactId)).toMatchObject({
        kind: 'group',
        name: '王家',
        people: [
          { externalId: mother.id, name: '王媽媽' },
          { externalId: son.id, name: '王小明' },
        ],
      }),
    )
    const id = await answer(conversationId, '好的，三個')
    await settled(id, 'sent')
    expect(world.shop.messagesFor(group).map(({ message }) => message)).toEqual([{ type: 'text', text: '好的，三個' }])
    // Out of the group nothing reaches it.
    world.shop.leave(group)
    await eventually(async () =>
      expect((await bodies(conversationId)).at(-1)).toMatchObject({ event: { type: 'leftGroup' } }),
    )
    const after = await answer(conversationId, '還在嗎')
    await settled(after, 'failed')
    expect(await stateOf(after)).toMatchObject({ code: 'channel.blocked' })
  })
})

describe('a WhatsApp customer', () => {
  it('[CNV-10] is answered, and how far that came is told, in whatever order', async () => {
    const { user, conversationId, to } = await whatsappCustomer('Alice')
    const id = await answer(conversationId, 'Hello')
    await settled(id, 'delivered')
    const [sent] = world.number.messagesFor(to)
    if (!sent) throw new Error('nothing was sent')
    expect(sent.callbackData).toBe(id)
    world.number.read(sent.wamid)
    await settled(id, 'read')
    expect(world.number.messagesFor(to)).toHaveLength(1)
    expect(await world.core.row(TEAM, 'contact', world.with(WHATSAPP, to).contactId)).toMatchObject({
      name: 'Alice',
      phone: `+${user.waId}`,
    })
  })

  it('without a phone number is answered all the same', async () => {
    const user = world.number.addUser({ name: 'Nobody', withoutPhone: true })
    world.number.send(user, { type: 'text', text: 'hi' })
    const { conversationId } = world.with(WHATSAPP, user.userId)
    await eventually(async () => expect(await world.thread(conversationId)).toHaveLength(1))
    const id = await answer(conversationId, 'Hello')
    await settled(id, 'delivered')
    expect(world.number.messagesFor(user.userId)).toHaveLength(1)
  })

  it('[CNV-9] whose window closed before the message left gets nothing, and the thread says why', async () => {
    const { conversationId, to } = await whatsappCustomer('Bob')
    // It waits while the platform is out of order; meanwhile the day is over.
    world.whatsapp.faults.next(
      { path: /messages$/ },
      {
        type: 'answer',
        status: 400,
        body: { error: { message: 'x', type: 'y', code: 131056, fbtrace_id: 'z' } },
        effect: 'none',
      },
    )
    const id = await answer(conversationId, 'still there?')
    await eventually(() => expect(world.whatsapp.faults.pending()).toBe(0))
    const conversation = await world.core.row(TEAM, 'conversation', conversationId)
    if (!conversation) throw new Error('no conversation')
    const past = { ...conversation, lastInboundAt: world.now() - 25 * HOUR }
    await world.core.importRows(TEAM, [['conversation', past]])
    await settled(id, 'failed')
    expect(await stateOf(id)).toEqual({ state: 'failed', code: 'channel.windowClosed', platformCode: null })
    expect(world.number.messagesFor(to)).toEqual([])
    expect(await world.member('message.retry', { conversationId, messageId: id })).toBe('window.closed')
  })

  it('[CNV-9] [CNV-10] whose platform knows better than we do: the reason comes back as the platform’s code in our words', async () => {
    const { user, conversationId } = await whatsappCustomer('Carol')
    world.number.passTime(user, 25 * HOUR)
    const id = await answer(conversationId, 'hello')
    await settled(id, 'failed')
    expect(await stateOf(id)).toEqual({ state: 'failed', code: 'channel.windowClosed', platformCode: '131047' })
  })

  it('whose answer got lost on the way back is not written to twice: the status tells that it arrived', async () => {
    const { conversationId, to } = await whatsappCustomer('Dora')
    world.whatsapp.faults.next({ path: /messages$/ }, { type: 'cut', effect: 'done' })
    const id = await answer(conversationId, 'once')
    await settled(id, 'delivered')
    const next = await answer(conversationId, 'twice')
    await settled(next, 'delivered')
    expect(world.number.messagesFor(to).map(({ callbackData }) => callbackData)).toEqual([id, next])
  })

  it('of whom no status ever tells: it is shown as uncertain, never sent again by itself, and holds up nothing after', async () => {
    const { conversationId, to } = await whatsappCustomer('Eve')
    world.whatsapp.faults.next({ path: /messages$/ }, { type: 'cut', effect: 'none' })
    const id = await answer(conversationId, 'lost?')
    const next = await answer(conversationId, 'next')
    await eventually(() => expect(world.whatsapp.faults.pending()).toBe(0))
    world.clock.ahead += 3 * 60 * 1000
    await settled(id, 'failed')
    world.clock.ahead = 0
    expect(await stateOf(id)).toEqual({ state: 'failed', code: 'channel.uncertain', platformCode: null })
    await settled(next, 'delivered')
    expect(world.number.messagesFor(to).map(({ callbackData }) => callbackData)).toEqual([next])
    // A person may decide to.
    expect(await world.member('message.retry', { conversationId, messageId: id })).toBeNull()
    await settled(id, 'delivered')
  })
})

describe('a platform in trouble', () => {
  const trouble = [
    ['500', { type: 'answer', status: 500, body: 'oops', effect: 'none' }],
    ['500 after taking it', { type: 'answer', status: 500, body: 'oops', effect: 'done' }],
    ['429', { type: 'answer', status: 429, body: { message: 'Too many requests' }, effect: 'none' }],
    ['garbage after taking it', { type: 'garbage', effect: 'done' }],
    ['a broken connection', { type: 'cut', effect: 'none' }],
    ['a minute of silence', { type: 'hang', ms: 60_000, effect: 'done' }],
  ] as const

  it.each(trouble)('%s: the LINE message is sent once, and those after it in their order', async (_name, fault) => {
    const { user, conversationId } = await lineCustomer('趙先生')
    await settled(await answer(conversationId, '前言'), 'sent')
    world.line.faults.next({ path: /push$/ }, fault)
    const ids = [await answer(conversationId, '一'), await answer(conversationId, '二')]
    for (const id of ids) await settled(id, 'sent')
    const texts = world.shop.messagesFor(user).map(({ message }) => (message.type === 'text' ? message.text : ''))
    expect(texts).toEqual(['前言', '一', '二'])
  })

  it('that has no messages left says so with the message and on the channel, until one leaves again', async () => {
    const { conversationId } = await lineCustomer('錢先生')
    await settled(await answer(conversationId, '前言'), 'sent')
    world.line.faults.next(
      { path: /push$/ },
      { type: 'answer', status: 429, body: { message: 'You have reached your monthly limit.' }, effect: 'none' },
    )
    const id = await answer(conversationId, '月底了')
    await settled(id, 'failed')
    expect(await stateOf(id)).toMatchObject({ code: 'channel.quota' })
    await eventually(async () =>
      expect((await world.core.row(TEAM, 'channel', LINE))?.problem).toMatchObject({ code: 'channel.quota' }),
    )
    expect(await world.member('message.retry', { conversationId, messageId: id })).toBeNull()
    await settled(id, 'sent')
    await eventually(async () => expect((await world.core.row(TEAM, 'channel', LINE))?.problem).toBeNull())
  })
})

describe('a platform that is waited for', () => {
  let patient: ChannelWorld
  beforeAll(async () => {
    patient = await startChannelWorld({ patience: 60_000 })
  }, 60_000)
  afterAll(() => patient.close(), 60_000)

  it('on one channel delays no other', async () => {
    const friends = Array.from({ length: 14 }, (_, n) => patient.shop.addUser({ name: `第${n}位`, isFriend: true }))
    for (const friend of friends) patient.shop.send(friend, { type: 'text', text: '在嗎' })
    const alice = patient.number.addUser({ name: 'Alice', waId: '886912345678' })
    patient.number.send(alice, { type: 'text', text: 'hi' })
    const talks = friends.map(({ id }) => patient.with(LINE, id).conversationId)
    const other = patient.with(WHATSAPP, '886912345678').conversationId
    await eventually(async () => expect(await patient.rows('conversation')).toHaveLength(15))
    patient.line.faults.next({ path: /reply$/, times: 1_000 }, { type: 'hang', ms: 120_000, effect: 'none' })
    for (const [n, conversationId] of talks.entries()) {
      const content = { kind: 'text', text: '等' } as const
      await patient.member('message.send', { conversationId, messageId: MessageId.parse(`stuck-${n}`), content })
    }
    await eventually(() => expect(patient.line.faults.pending()).toBe(1_000 - 4))
    const messageId = MessageId.parse('quick')
    await patient.member('message.send', { conversationId: other, messageId, content: { kind: 'text', text: 'hello' } })
    await eventually(async () => {
      expect((await patient.core.row(TEAM, 'message', messageId))?.delivery?.state).toBe('delivered')
    })
    // Nobody who waits was given up meanwhile.
    expect(patient.line.faults.pending()).toBe(1_000 - 4)
  }, 60_000)
})

it('secrets and what people write are in no log, and secrets not readable in the database', async () => {
  const logged = world.written.join('')
  const { rows } = await sql<{ text: string }>`
    select settings::text || encode(secrets, 'escape') as text from channel_account`.execute(world.db)
  const stored = rows.map(({ text }) => text).join('')
  const secrets = [
    LINE_ACCOUNT.channelSecret,
    LINE_ACCOUNT.accessToken,
    WHATSAPP_ACCOUNT.appSecret,
    WHATSAPP_ACCOUNT.accessToken,
  ]
  for (const secret of secrets)
    expect([secret, logged.includes(secret), stored.includes(secret)]).toEqual([secret, false, false])
  for (const words of ['請問幾點開門', '馬上來', 'once', '王媽媽'])
    expect([words, logged.includes(words)]).toEqual([words, false])
  expect(stored).toContain(WHATSAPP_ACCOUNT.phoneNumberId)
  expect(logged.length).toBeGreaterThan(0)
})
