/** The sandbox without a browser: its phones over the fakes, and its server as the page uses it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DemoCustomer } from '../../../backend/hub/demo/routes.ts'
import { DEMO_LINE, DEMO_WHATSAPP } from '../../../backend/hub/demo/platforms.ts'
import { until } from '../../world/until.ts'
import { startHook } from '../platform/hook.ts'
import type { Hook } from '../platform/hook.ts'
import { LINE_GROUP, LINE_PEOPLE, WHATSAPP_PEOPLE } from './people.ts'
import { Refusal } from './refusal.ts'
import { startSandbox } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'
import { serveSandbox } from './server.ts'
import type { SandboxServer } from './server.ts'
import { APPS } from './view.ts'
import type { Act, Content, Entry, News } from './view.ts'

const [ANN, BEN] = LINE_PEOPLE
const [JOE] = WHATSAPP_PEOPLE
const HOUR = 60 * 60_000
const customer: Omit<DemoCustomer, 'channel' | 'externalId' | 'name'> = {
  kind: 'person',
  lastInboundAt: null,
  isBlocked: false,
  people: [],
}
/** Whom the hub knows from earlier. */
const KNOWN: DemoCustomer[] = [
  { ...customer, channel: 'line', externalId: `U${'a'.repeat(32)}`, name: '老客人' },
  { ...customer, channel: 'line', externalId: LINE_PEOPLE[2].id, name: LINE_PEOPLE[2].name, isBlocked: true },
  { ...customer, channel: 'whatsapp', externalId: '886912999888', name: 'Old friend', lastInboundAt: 5_000 },
  { ...customer, channel: 'webchat', externalId: 'visitor', name: 'somebody else’s' },
]

/** A hub that takes everything, and lets time go by when asked. */
let hook: Hook
let sandbox: Sandbox
let server: SandboxServer
let passed: unknown[]
let hubRefuses: boolean
const clock = { now: 0 }

beforeEach(async () => {
  hook = await startHook()
  passed = []
  hubRefuses = false
  clock.now = Date.UTC(2026, 2, 4, 5, 6, 7)
  const hubUrl = `http://127.0.0.1:${hook.port}`
  sandbox = await startSandbox({
    hubUrl,
    now: () => clock.now,
    hub: {
      customers: () => Promise.resolve(KNOWN),
      passTime: (...asked) => {
        if (hubRefuses) return Promise.reject(new Refusal('hub'))
        passed.push(asked)
        return Promise.resolve()
      },
    },
  })
  server = await serveSandbox({ sandbox, port: 0, hubUrl, webchatPath: '/chat/demo-webchat/embed' })
})
afterEach(async () => {
  hook.close()
  await server.close()
  await sandbox.close()
})

const entries = (chatId: string): Entry[] => sandbox.all().entries.filter((entry) => entry.chatId === chatId)
const contents = (chatId: string): Content[] => entries(chatId).map(({ content }) => content)
const chat = (id: string) => sandbox.board.chat(id)
const refusal = (act: Act) =>
  sandbox.act(act).then(
    () => null,
    (error: unknown) => (error instanceof Refusal ? error.code : Promise.reject(error)),
  )

function call(url: string, token: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
const push = (to: string, text: string) =>
  call(`${sandbox.line.apiUrl}/v2/bot/message/push`, DEMO_LINE.accessToken, { to, messages: [{ type: 'text', text }] })
const sendWhatsApp = (to: string, body: string) =>
  call(`${sandbox.whatsapp.graphUrl}/${DEMO_WHATSAPP.phoneNumberId}/messages`, DEMO_WHATSAPP.accessToken, {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to,
    type: 'text',
    text: { body },
  })

describe('the phones', () => {
  it('are of the same people at every start', () => {
    const named = sandbox.all().chats.filter(({ isNamed }) => isNamed)
    expect(APPS.map((app) => named.filter((one) => one.app === app).length)).toEqual([4, 1, 4])
    expect(named.every(({ id }) => chat(id)?.isNamed)).toBe(true)
    expect(LINE_PEOPLE.map(({ id }) => id.slice(0, 9))).toEqual(['U6974f350', 'Uaaf5cba2', 'U7cbd06eb', 'Uef78a8af'])
  })

  it('tell the hub what their owners write and send, and show what the shop answers', async () => {
    await sandbox.act({ do: 'write', chat: ANN.id, text: 'Are you open?' })
    for (const what of ['picture', 'document', 'voice', 'sticker', 'location'] as const) {
      await sandbox.act({ do: 'sample', chat: ANN.id, what })
      await sandbox.act({ do: 'sample', chat: JOE.waId, what })
    }
    await push(ANN.id, 'Until nine.')
    expect(contents(ANN.id).map(({ kind }) => kind)).toEqual([
      'text',
      'image',
      'file',
      'audio',
      'sticker',
      'location',
      'text',
    ])
    expect(entries(ANN.id).at(-1)).toMatchObject({ by: 'shop', content: { text: 'Until nine.' } })
    await Promise.all([sandbox.line.deliveries.idle(), sandbox.whatsapp.idle()])
    const { deliveries } = sandbox.all()
    expect(deliveries.flatMap(({ what }) => what).toSorted()).toEqual(
      ['audio', 'document', 'image', 'location', 'sticker', ...Array<string>(6).fill('message')].toSorted(),
    )
  })

  it('have samples that WhatsApp takes: what the hub fetches is what was sent', async () => {
    await sandbox.act({ do: 'sample', chat: JOE.waId, what: 'sticker' })
    const [sticker] = contents(JOE.waId)
    const src = sticker?.kind === 'sticker' ? sticker.src : null
    const answer = await fetch(`${server.url}${src}`)
    expect(answer.headers.get('content-type')).toBe('image/webp')
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(8, 12)
        .toString(),
    ).toBe('WEBP')
  })

  it('take a LINE message back; nothing of it stays', async () => {
    await sandbox.act({ do: 'write', chat: ANN.id, text: 'a slip' })
    const [slip] = entries(ANN.id)
    expect(await refusal({ do: 'unsend', chat: BEN.id, entry: slip?.id ?? '' })).toBe('notThere')
    await sandbox.act({ do: 'unsend', chat: ANN.id, entry: slip?.id ?? '' })
    expect(contents(ANN.id)).toEqual([{ kind: 'unsent' }])
    expect(await refusal({ do: 'unsend', chat: ANN.id, entry: slip?.id ?? '' })).toBe('notThere')
  })

  it('block and follow', async () => {
    expect(chat(BEN.id)?.relation).toBe('stranger')
    await sandbox.act({ do: 'follow', chat: BEN.id })
    await sandbox.act({ do: 'block', chat: BEN.id })
    expect(chat(BEN.id)?.relation).toBe('blocked')
    expect(await refusal({ do: 'write', chat: BEN.id, text: 'x' })).toBe('blocked')
    await sandbox.act({ do: 'follow', chat: BEN.id })
    expect(contents(BEN.id)).toEqual(['followed', 'blocked', 'unblocked'].map((event) => ({ kind: 'event', event })))

    await sandbox.act({ do: 'block', chat: JOE.waId })
    expect(await refusal({ do: 'write', chat: JOE.waId, text: 'x' })).toBe('blocked')
    await sandbox.act({ do: 'follow', chat: JOE.waId })
    expect(await refusal({ do: 'write', chat: JOE.waId, text: 'x' })).toBeNull()
  })

  it('a group has members who come and go, and the account', async () => {
    const write = (as: string): Act => ({ do: 'write', chat: LINE_GROUP.id, as, text: 'all of us?' })
    expect(await refusal(write(ANN.id))).toBeNull()
    expect(await refusal(write(LINE_PEOPLE[3].id))).toBe('notInGroup')
    await sandbox.act({ do: 'memberJoin', chat: LINE_GROUP.id, as: LINE_PEOPLE[3].id })
    expect(await refusal(write(LINE_PEOPLE[3].id))).toBeNull()
    await sandbox.act({ do: 'memberLeave', chat: LINE_GROUP.id, as: ANN.id })
    expect(await refusal(write(ANN.id))).toBe('notInGroup')
    await sandbox.act({ do: 'leave', chat: LINE_GROUP.id })
    expect((await push(LINE_GROUP.id, 'hello')).status).toBe(400)
    await sandbox.act({ do: 'join', chat: LINE_GROUP.id })
    expect((await push(LINE_GROUP.id, 'hello')).status).toBe(200)
  })

  it('on WhatsApp a message is held, delivered and read by hand', async () => {
    await sandbox.act({ do: 'write', chat: JOE.waId, text: 'hi' })
    await sandbox.act({ do: 'automatic', to: 'sent' })
    await sendWhatsApp(JOE.waId, 'hello')
    await sandbox.whatsapp.idle()
    const sent = () => entries(JOE.waId).at(-1)
    expect(sent()?.state).toBe('sent')
    await sandbox.act({ do: 'advance', chat: JOE.waId, entry: sent()?.id ?? '', to: 'read' })
    expect(sent()?.state).toBe('read')
    await sandbox.act({ do: 'react', chat: JOE.waId, entry: sent()?.id ?? '', emoji: '👍' })
    expect(sent()?.reaction).toBe('👍')
  })

  it('24 hours go by for one customer, at the hub and on the platform alike', async () => {
    await sandbox.act({ do: 'write', chat: JOE.waId, text: 'hi' })
    expect(chat(JOE.waId)?.windowUntil).toBe(clock.now + 24 * HOUR)
    hubRefuses = true
    expect(await refusal({ do: 'passTime', chat: JOE.waId, hours: 24 })).toBe('hub')
    expect(chat(JOE.waId)?.windowUntil).toBe(clock.now + 24 * HOUR)
    hubRefuses = false
    await sandbox.act({ do: 'passTime', chat: JOE.waId, hours: 24 })
    expect(passed).toEqual([['demo-whatsapp', JOE.waId, 24]])
    expect(chat(JOE.waId)?.windowUntil).toBe(clock.now)
    await sendWhatsApp(JOE.waId, 'too late')
    await sandbox.whatsapp.idle()
    expect(entries(JOE.waId).at(-1)).toMatchObject({ state: 'failed', failure: expect.stringContaining('131047') })
  })

  it('know whom the hub knows from earlier, and as what', async () => {
    await until('the hub’s customers are known', () => sandbox.all().settings.isHubThere)
    expect(chat(LINE_PEOPLE[2].id)?.relation).toBe('blocked')
    const [old, , friend] = KNOWN
    expect(chat(old?.externalId ?? '')).toBeNull()
    expect((await push(old?.externalId ?? '', 'welcome back')).status).toBe(200)
    expect(chat(old?.externalId ?? '')).toMatchObject({ name: '老客人', isNamed: false })
    // Long ago is too long ago on the platform too.
    await sendWhatsApp(friend?.externalId ?? '', 'hello')
    await sandbox.whatsapp.idle()
    expect(entries(friend?.externalId ?? '').at(-1)?.state).toBe('failed')
  })
})

describe('the next failure', () => {
  it.each(['line', 'whatsapp'] as const)('befalls one message on %s, in every way there is', async (platform) => {
    const to = platform === 'line' ? ANN.id : JOE.waId
    await sandbox.act({ do: 'write', chat: to, text: 'hi' })
    const send = () =>
      (platform === 'line' ? push(to, 'answer') : sendWhatsApp(to, 'answer')).then(
        async (answer) => ({ status: answer.status, text: await answer.text() }),
        () => ({ status: 0, text: '' }),
      )
    const fine = await send()
    expect(fine.status).toBe(200)
    for (const failure of sandbox.all().failures[platform].filter((one) => one !== 'hang')) {
      await sandbox.act({ do: 'failNext', platform, failure })
      expect(sandbox.all().settings.next[platform]).toBe(failure)
      const { status, text } = await send()
      if (platform === 'whatsapp') await sandbox.whatsapp.idle()
      const isBad = status !== 200 || text.startsWith('<') || entries(to).at(-1)?.state === 'failed'
      expect([failure, isBad, sandbox.all().settings.next[platform]]).toEqual([failure, true, null])
      expect((await send()).status).toBe(200)
    }
  })

  it('is taken back, and nobody knows of others', async () => {
    await sandbox.act({ do: 'failNext', platform: 'line', failure: 'quota' })
    await sandbox.act({ do: 'failNext', platform: 'line', failure: null })
    expect((await push(ANN.id, 'fine')).status).toBe(200)
    await sandbox.act({ do: 'write', chat: JOE.waId, text: 'hi' })
    await sandbox.act({ do: 'failNext', platform: 'whatsapp', failure: 'token' })
    await sandbox.act({ do: 'failNext', platform: 'whatsapp', failure: 'hang' })
    await sandbox.act({ do: 'failNext', platform: 'whatsapp', failure: null })
    expect((await sendWhatsApp(JOE.waId, 'fine')).status).toBe(200)
    expect(await refusal({ do: 'failNext', platform: 'line', failure: 'paused' })).toBe('notThere')
  })
})

describe('the server', () => {
  const post = (act: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/acts`, {
      method: 'POST',
      headers: { origin: server.url, ...headers },
      body: JSON.stringify(act),
    })

  it('lets in its own page alone', async () => {
    const act = { do: 'write', chat: ANN.id, text: 'hi' }
    expect((await post(act)).status).toBe(204)
    expect((await post(act, { origin: 'https://elsewhere.example' })).status).toBe(403)
    expect((await fetch(`${server.url}/acts`, { method: 'POST', body: JSON.stringify(act) })).status).toBe(403)
    expect((await fetch(server.url, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403)
    expect(entries(ANN.id)).toHaveLength(1)
    const page = await fetch(server.url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('content-security-policy')).toContain(`frame-src http://127.0.0.1:${hook.port};`)
  })

  it('refuses what it does not know, with a word for it', async () => {
    const cases: [unknown, number, string][] = [
      ['?', 400, 'invalid'],
      [{ do: 'explode' }, 400, 'invalid'],
      [{ do: 'write', chat: 'nobody', text: 'x' }, 404, 'notThere'],
      [{ do: 'passTime', chat: ANN.id, hours: 24 }, 409, 'notHere'],
      [{ do: 'join', chat: ANN.id }, 409, 'notHere'],
      [{ do: 'sample', chat: ANN.id, what: 'contact' }, 409, 'notHere'],
      [{ do: 'advance', chat: JOE.waId, entry: 'none', to: 'read' }, 404, 'notThere'],
    ]
    for (const [act, status, error] of cases) {
      const answer = await post(act)
      expect([act, answer.status, await answer.json()]).toEqual([act, status, { error }])
    }
  })

  it('tells a page everything, and then each change', async () => {
    await sandbox.act({ do: 'write', chat: ANN.id, text: 'before' })
    const ends = new AbortController()
    const live = await fetch(`${server.url}/live`, { signal: ends.signal })
    const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const news = async (): Promise<News> => {
      while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? ''
      const [first = '', ...rest] = text.split('\n\n')
      text = rest.join('\n\n')
      return JSON.parse(first.replace(/^data: /, ''))
    }
    const all = await news()
    expect(all.type === 'all' && all.entries.map(({ content }) => content)).toEqual([{ kind: 'text', text: 'before' }])
    await sandbox.act({ do: 'write', chat: ANN.id, text: 'after' })
    let next = await news()
    while (next.type !== 'entry') next = await news()
    expect(next.entry.content).toEqual({ kind: 'text', text: 'after' })
    ends.abort()
  })

  it('takes a file of the player’s own', async () => {
    const upload = (query: Record<string, string>, bytes: string, type = 'image/png') =>
      fetch(`${server.url}/files?${new URLSearchParams(query)}`, {
        method: 'POST',
        headers: { origin: server.url, 'content-type': type },
        body: bytes,
      })
    expect((await upload({ chat: JOE.waId, name: 'a.png' }, 'picture')).status).toBe(204)
    expect((await upload({ chat: LINE_GROUP.id, as: ANN.id, name: 'a.pdf' }, 'file', 'application/pdf')).status).toBe(
      204,
    )
    expect((await upload({ chat: JOE.waId, name: 'a.png' }, '')).status).toBe(400)
    expect((await upload({ chat: JOE.waId }, 'picture')).status).toBe(400)
    expect(contents(JOE.waId).map(({ kind }) => kind)).toEqual(['image'])
    expect(contents(LINE_GROUP.id)).toMatchObject([{ kind: 'file', name: 'a.pdf' }])
  })

  it('records what the platforms were asked and told, without any token', async () => {
    await sandbox.act({ do: 'write', chat: ANN.id, text: 'hi' })
    await push(ANN.id, 'hello')
    await sandbox.line.deliveries.idle()
    const text = await (await fetch(`${server.url}/record`)).text()
    expect(JSON.parse(text)).toMatchObject({ line: { calls: [{ status: 200, problems: [] }], webhooks: [{}] } })
    for (const secret of [DEMO_LINE.accessToken, DEMO_LINE.channelSecret]) expect(text).not.toContain(secret)
  })
})
