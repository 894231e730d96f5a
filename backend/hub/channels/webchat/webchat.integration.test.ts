import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ConversationId, MessageId } from '../../../domain/ids.ts'
import type { PageAnswer, PageFrame, PublicMessage } from './frames.ts'
import { LOUD, channelId, otherChannelId, startTestHub, teamId } from './test-hub.ts'
import type { TestHub } from './test-hub.ts'
import { SOCKETS_OPEN_MAX } from './limits.ts'

let hub: TestHub
const MESSAGES = { points: 70, seconds: 300 }
const BYTES = { points: 130_000, seconds: 3_600 }
beforeAll(async () => {
  const limits = { messagesOfAddress: LOUD, visitorsOfAddress: LOUD, socketsOfAddress: LOUD, frames: LOUD }
  hub = await startTestHub({ limits: { ...limits, messages: MESSAGES, bytes: BYTES } })
}, 60_000)
afterAll(() => hub.stop())

const PNG = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
    'base64',
  ),
)

/** A visitor's page, without its screen. */
class Page {
  readonly answers: PageAnswer[] = []
  readonly messages = new Map<string, PublicMessage>()
  #waiting: (() => void)[] = []
  readonly ws: WebSocket
  closed: number | null = null

  constructor(cookie: string, channel: string = channelId, headers: Record<string, string> = {}) {
    this.ws = new WebSocket(`${hub.address.replace('http', 'ws')}/chat/socket?channel=${channel}`, {
      headers: { cookie, ...headers },
    })
    this.ws.on('message', (data) => {
      const answer: PageAnswer = JSON.parse(data.toString())
      this.answers.push(answer)
      if (answer.type === 'history' || answer.type === 'messages' || answer.type === 'older') {
        for (const message of answer.messages) this.messages.set(message.id, message)
      }
      for (const wake of this.#waiting.splice(0)) wake()
    })
    this.ws.on('close', (code) => {
      this.closed = code
      for (const wake of this.#waiting.splice(0)) wake()
    })
    this.ws.on('error', (error) => expect.soft(error.message).toMatch(/hang up|ECONN/))
  }

  send(frame: unknown) {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame satisfies unknown))
  }

  async until<T>(what: () => T | undefined | null | false): Promise<T> {
    for (;;) {
      const found = what()
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async greet(after = 0) {
    if (this.ws.readyState !== WebSocket.OPEN) await new Promise((resolve) => this.ws.once('open', resolve))
    this.send({ type: 'hello', after, deletions: 0 } satisfies PageFrame)
    await this.until(() => this.answers.find(({ type }) => type === 'state'))
  }

  async write(id: string, text: string) {
    const from = this.answers.length
    this.send({ type: 'send', id, content: { kind: 'text', text } })
    return this.until(() =>
      this.answers.slice(from).find((one) => (one.type === 'accepted' || one.type === 'refused') && one.id === id),
    )
  }

  get texts() {
    return [...this.messages.values()]
      .sort((a, b) => a.ordinal - b.ordinal)
      .map(({ content }) => (content.kind === 'text' ? content.text : content.name))
  }
}

async function newVisitor(channel: string = channelId) {
  const response = await fetch(`${hub.address}/chat/${channel}/visitor`, { method: 'POST' })
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const id = /=([^.]+)\./.exec(cookie)?.[1] ?? ''
  return { cookie, conversationId: ConversationId.parse(`webchat-${id}`) }
}

let count = 0
const newId = () => MessageId.parse(`m-${(count += 1)}`)

test('a visitor writes, a member answers, and both are there once, in order, whatever is repeated', async () => {
  const { cookie, conversationId } = await newVisitor()
  const page = new Page(cookie)
  await page.greet()
  expect(await hub.core.row(teamId, 'conversation', conversationId)).toBeUndefined()

  expect(await page.write('first', '請問有開門嗎？')).toEqual({ type: 'accepted', id: 'first', kept: true })
  expect(await page.write('first', '請問有開門嗎？')).toEqual({ type: 'accepted', id: 'first', kept: true })
  await hub.member('message.send', { conversationId, messageId: newId(), content: { kind: 'text', text: '有的' } })
  await page.until(() => page.messages.size === 2)

  const back = new Page(cookie)
  await back.greet(0)
  expect(back.texts).toEqual(['請問有開門嗎？', '有的'])
  const later = new Page(cookie)
  await later.greet(1)
  await later.until(() => later.messages.size === 1)
  expect(later.texts).toEqual(['有的'])
  expect([...back.messages.values()].map(({ from }) => from)).toEqual([
    { type: 'you' },
    { type: 'member', name: '陳美玲' },
  ])
  expect(JSON.stringify(back.answers)).not.toContain('secret@example.test')
  expect(back.answers.at(-1)).toEqual({ type: 'state', stage: 'answered', name: '陳美玲' })
})

describe('a conversation that is deleted', () => {
  const ends = (page: Page) => page.until(() => page.closed !== null)

  test('[DEL-1] is gone from the customer’s page, and what they write next begins another', async () => {
    const { cookie, conversationId } = await newVisitor()
    const page = new Page(cookie)
    await page.greet()
    await page.write(newId(), '這段請刪掉')
    await page.until(() => page.messages.size === 1)
    await hub.member('conversation.delete', { conversationId })
    await ends(page)

    const back = new Page(cookie)
    await back.greet(1)
    expect(back.answers[0]).toEqual({ type: 'history', messages: [], hasOlder: false, deletions: 1 })
    await back.write(newId(), '新的問題')
    await back.until(() => back.messages.size === 1)
    expect(await hub.core.row(teamId, 'conversation', conversationId)).toBeUndefined()
    const next = await hub.core.row(teamId, 'conversation', `${conversationId}~1`)
    expect([next?.messageCount, next?.status]).toEqual([1, 'pending_person'])
    expect(back.texts).toEqual(['新的問題'])
  })

  test('[DEL-1] a page that was away is not mistaken for one that has the next conversation', async () => {
    const { cookie, conversationId } = await newVisitor()
    const page = new Page(cookie)
    await page.greet()
    await page.write(newId(), '舊的')
    page.ws.close()
    await hub.member('conversation.delete', { conversationId })
    const other = new Page(cookie)
    await other.greet()
    await other.write(newId(), '新的')
    // It has the first message of the one that is gone.
    const back = new Page(cookie)
    await back.greet(1)
    expect(back.texts).toEqual(['新的'])
  })

  test('[DEL-8] with its customer on the blacklist, what they send is taken, kept nowhere, and counted', async () => {
    const { cookie, conversationId } = await newVisitor()
    const page = new Page(cookie)
    await page.greet()
    await page.write(newId(), '騷擾訊息')
    await hub.member('conversation.blacklist', { conversationId })
    await ends(page)
    const back = new Page(cookie)
    await back.greet(1)
    const id = newId()
    expect(await back.write(id, '又來了')).toEqual({ type: 'accepted', id, kept: false })
    const upload = await fetch(`${hub.address}/chat/${channelId}/attachments?name=a.txt`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'text/plain' },
      body: '又一個檔案',
    })
    expect(upload.status).toBe(429)
    const contact = await hub.core.row(teamId, 'contact', conversationId)
    expect(contact?.blocked).toMatchObject({ suppressed: 1, platform: { state: 'none' } })
    expect(await hub.core.row(teamId, 'conversation', `${conversationId}~1`)).toBeUndefined()
  })
})

test('[CNV-8] notes and system lines never reach the page', async () => {
  const { cookie, conversationId } = await newVisitor()
  const page = new Page(cookie)
  await page.greet()
  await page.write(newId(), 'hello')
  await hub.member('note.add', { conversationId, messageId: newId(), text: '客人很急' })
  await hub.member('conversation.take', { conversationId, messageId: newId() })
  await hub.member('message.send', { conversationId, messageId: newId(), content: { kind: 'text', text: 'hi' } })
  await page.until(() => page.messages.size === 2)
  const back = new Page(cookie)
  await back.greet()
  expect(back.texts).toEqual(['hello', 'hi'])
  expect(JSON.stringify([page.answers, back.answers])).not.toContain('客人很急')
})

test('[CNV-10] a message is sent, then delivered when the page has it, then read when it is seen', async () => {
  const { cookie, conversationId } = await newVisitor()
  const page = new Page(cookie)
  await page.greet()
  await page.write(newId(), 'hello')
  const messageId = newId()
  const delivery = async () => (await hub.core.row(teamId, 'message', messageId))?.delivery?.state
  await hub.member('message.send', { conversationId, messageId, content: { kind: 'text', text: 'hi' } })
  expect(await delivery()).toBe('sent')
  const { ordinal } = await page.until(() => page.messages.get(messageId))
  page.send({ type: 'got', upTo: ordinal })
  await expect.poll(delivery).toBe('delivered')
  page.send({ type: 'seen', upTo: 10_000 })
  await expect.poll(delivery).toBe('read')
})

test('a cookie that is forged, of another channel or missing opens nothing', async () => {
  const { cookie } = await newVisitor()
  const elsewhere = cookie.replace(channelId, otherChannelId)
  for (const [value, channel] of [
    ['', channelId],
    [`${cookie}x`, channelId],
    [elsewhere, otherChannelId],
  ] as const) {
    const page = new Page(value, channel)
    await page.until(() => page.closed)
    expect([page.closed, page.answers[0]]).toMatchObject([4401, { error: { code: 'request.unauthorised' } }])
  }
  const crossSite = new Page(cookie, channelId, { origin: 'https://evil.example' })
  await crossSite.until(() => crossSite.closed)
  expect(crossSite.closed).toBe(4401)
})

test('what is too long, empty, garbled or too large is answered with a code', async () => {
  const { cookie } = await newVisitor()
  const page = new Page(cookie)
  await page.greet()
  expect(await page.write('long', 'a'.repeat(20_500))).toMatchObject({ refusal: { code: 'text.tooLong' } })
  expect(await page.write('long2', '字'.repeat(5_001))).toMatchObject({ refusal: { code: 'text.tooLong' } })
  expect(await page.write('empty', ' \u0000 ')).toMatchObject({ refusal: { code: 'text.empty' } })
  expect(await page.write('inert', '<script>alert(1)</script>\u0007')).toMatchObject({ type: 'accepted' })
  await page.until(() => page.messages.size === 1)
  expect(page.texts).toEqual(['<script>alert(1)</script>'])
  page.send('{"type":"nonsense"}')
  await page.until(() => page.closed)
  expect(page.answers.at(-1)).toMatchObject({ type: 'error', error: { code: 'request.invalid' } })

  const another = new Page(cookie)
  await another.greet()
  another.send({ type: 'send', id: 'x', content: { kind: 'text', text: 'x'.repeat(100_000) } })
  await another.until(() => another.closed)
  expect([another.closed, another.answers.at(-1)]).toMatchObject([1009, { error: { code: 'request.tooLarge' } }])
})

test('a file is sent, shown to its sender alone, and bad ones are refused with a code', async () => {
  const { cookie, conversationId } = await newVisitor()
  const upload = async (name: string, body: BodyInit, headers: Record<string, string> = {}) => {
    const url = `${hub.address}/chat/${channelId}/attachments?name=${encodeURIComponent(name)}`
    const response = await fetch(url, { method: 'POST', body, headers: { cookie, ...headers } })
    return { status: response.status, answer: await response.json() }
  }
  expect(await upload('空.png', '')).toMatchObject({ answer: { error: { code: 'attachment.empty' } } })
  expect(await upload('p.png', '<html><script>')).toMatchObject({ answer: { error: { code: 'attachment.type' } } })
  expect(await upload('big.png', new Uint8Array(26 * 1024 * 1024))).toMatchObject({
    answer: { error: { code: 'attachment.tooLarge' } },
  })
  expect(await upload('p.png', PNG, { origin: 'https://evil.example' })).toMatchObject({ status: 401 })
  const { answer } = await upload('照片.png', PNG)
  expect(answer).toMatchObject({ name: '照片.png', mime: 'image/png' })

  const page = new Page(cookie)
  await page.greet()
  const content = { kind: 'attachment', attachmentId: answer.attachmentId, image: { width: 1, height: 1 } }
  page.send({ type: 'send', id: 'picture', content })
  await page.until(() => page.messages.get('picture'))
  expect(page.messages.get('picture')?.content).toMatchObject({ kind: 'image', width: 1, name: '照片.png' })

  const file = `${hub.address}/chat/${channelId}/attachments/${answer.attachmentId}`
  const own = await fetch(file, { headers: { cookie } })
  expect([own.status, own.headers.get('content-security-policy')]).toEqual([200, "default-src 'none'; sandbox"])
  const stranger = await newVisitor()
  expect((await fetch(file, { headers: { cookie: stranger.cookie } })).status).toBe(404)
  expect((await fetch(file)).status).toBe(404)
  const thief = new Page(stranger.cookie)
  await thief.greet()
  thief.send({ type: 'send', id: 'theft', content })
  expect(await thief.until(() => thief.answers.find(({ type }) => type === 'refused'))).toMatchObject({
    refusal: { code: 'attachment.missing' },
  })

  // A member's draft is not the customer's to read until it is sent.
  const draft = await hub.attachments.store({
    teamId,
    conversationId,
    attachmentId: answer.attachmentId.replace('visitor-', 'draft-'),
    name: 'draft.png',
    declared: 'image/png',
    bytes: new Blob([PNG]).stream(),
  })
  const draftId = draft.ok ? draft.info.attachmentId : ''
  expect((await fetch(file.replace(answer.attachmentId, draftId), { headers: { cookie } })).status).toBe(404)
})

test('older messages come a page at a time', async () => {
  const { cookie } = await newVisitor()
  const page = new Page(cookie)
  await page.greet()
  for (let n = 1; n <= 60; n += 1) await page.write(newId(), `line ${n}`)
  const back = new Page(cookie)
  await back.greet()
  expect([back.texts.length, back.texts[0]]).toEqual([50, 'line 11'])
  back.send({ type: 'older', before: 11 })
  await back.until(() => back.messages.size === 60)
  expect(back.answers.at(-1)).toMatchObject({ type: 'older', hasOlder: false })
})

test('who is too fast is told how long to wait', async () => {
  const { cookie } = await newVisitor()
  const page = new Page(cookie)
  await page.greet()
  for (let n = 0; n < MESSAGES.points; n += 1)
    expect(await page.write(newId(), 'x')).toMatchObject({ type: 'accepted' })
  expect(await page.write(newId(), 'x')).toMatchObject({
    refusal: { code: 'request.tooMany', params: { seconds: expect.any(Number) } },
  })
})

test('the page, its files and the embed script carry their rules', async () => {
  const page = await fetch(`${hub.address}/chat/${channelId}`)
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(page.headers.getSetCookie()).toEqual([])
  expect(await page.text()).not.toMatch(/<script>|onclick|style=/)
  const framed = await fetch(`${hub.address}/chat/${channelId}/embed`)
  expect(framed.headers.get('content-security-policy')).toContain('frame-ancestors *')
  const script = await fetch(`${hub.address}/chat/${channelId}/embed.js`)
  expect(script.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  const etag = script.headers.get('etag') ?? ''
  const again = await fetch(`${hub.address}/chat/${channelId}/embed.js`, { headers: { 'if-none-match': etag } })
  expect(again.status).toBe(304)
  for (const path of ['/chat/line', '/chat/nobody', '/chat/assets/..%2fwebchat.ts', '/chat/assets/none.js']) {
    expect((await fetch(hub.address + path)).status).toBe(404)
  }
})

test('over https the cookie is partitioned, so that it works in a frame', async () => {
  const url = `${hub.address}/chat/${channelId}/visitor`
  const secure = await fetch(url, { method: 'POST', headers: { 'x-forwarded-proto': 'https' } })
  expect(secure.headers.getSetCookie()[0]).toMatch(/HttpOnly; Secure; SameSite=None; Partitioned/)
  const plain = await fetch(url, { method: 'POST' })
  expect(plain.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax$/)
})

test('colleagues see that the customer types, and that they stopped', async () => {
  const { cookie, conversationId } = await newVisitor()
  const seen: [string, boolean][] = []
  const stop = hub.core.onCustomerTyping((_team, conversation, typing) => void seen.push([conversation, typing]))
  const page = new Page(cookie)
  await page.greet()
  page.send({ type: 'typing', on: true })
  page.send({ type: 'typing', on: true })
  await expect.poll(() => seen).toEqual([[conversationId, true]])
  page.ws.close()
  await expect.poll(() => seen.at(-1)).toEqual([conversationId, false])
  stop()
})

test('numbers that no message can have are refused, not asked of the database', async () => {
  const { cookie } = await newVisitor()
  const beyond = 2 ** 31
  for (const frame of [
    { type: 'older', before: beyond },
    { type: 'hello', after: beyond },
    { type: 'seen', upTo: Number.MAX_SAFE_INTEGER },
  ]) {
    const page = new Page(cookie)
    await page.greet()
    page.send(frame)
    const answer = await page.until(() => page.answers.find(({ type }) => type === 'error'))
    expect(answer).toMatchObject({ error: { code: 'request.invalid' } })
  }
})

test('a visitor’s files in an hour are bounded in bytes, whatever their number', async () => {
  const { cookie } = await newVisitor()
  const text = new TextEncoder().encode('x'.repeat(60_000))
  const send = () =>
    fetch(`${hub.address}/chat/${channelId}/attachments?name=a.txt`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'text/plain' },
      body: text,
    })
  const statuses = [(await send()).status, (await send()).status, (await send()).status]
  expect(statuses).toEqual([200, 200, 429])
  const { error } = await (await send()).json()
  expect(error).toMatchObject({ code: 'attachment.quota', params: { max: BYTES.points }, instead: 'wait' })
  // What was refused was not counted: something small still goes.
  const small = await fetch(`${hub.address}/chat/${channelId}/attachments?name=b.txt`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'text/plain' },
    body: 'x'.repeat(1_000),
  })
  expect(small.status).toBe(200)
})

test('one address has so many sockets open, and one that closes makes room', async () => {
  const { cookie } = await newVisitor()
  const pages = Array.from({ length: SOCKETS_OPEN_MAX }, () => new Page(cookie, channelId, { 'x-test-ip': 'crowd' }))
  await Promise.all(pages.map((page) => page.greet()))
  const outcome = async () => {
    const page = new Page(cookie, channelId, { 'x-test-ip': 'crowd' })
    if (page.ws.readyState !== WebSocket.OPEN) await new Promise((resolve) => page.ws.once('open', resolve))
    page.send({ type: 'hello', after: 0 })
    const answer = await page.until(() => page.answers[0])
    page.ws.close()
    return answer.type === 'error' ? answer.error.code : answer.type
  }
  expect(await outcome()).toBe('request.tooMany')
  const [first] = pages
  first?.ws.close()
  await first?.until(() => first.closed)
  await expect.poll(outcome).toBe('history')
  for (const page of pages) page.ws.close()
})
