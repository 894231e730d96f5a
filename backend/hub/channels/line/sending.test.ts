import { inspect } from 'node:util'
import { validate, version } from 'uuid'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AttachmentId, ChannelId, ConversationId, MessageId, TeamId } from '../../../domain/ids.ts'
import type { Body, Time } from '../../../domain/rows.ts'
import type { LineAccount as FakeAccount } from '../../../../tests/fakes/line/account.ts'
import { startLine } from '../../../../tests/fakes/line/line.ts'
import type { LineFake } from '../../../../tests/fakes/line/line.ts'
import type { User } from '../../../../tests/fakes/line/people.ts'
import type { Fault } from '../../../../tests/fakes/platform/faults.ts'
import { TryLater, Uncertain } from '../platform.ts'
import type { Attempt, Outgoing, SendResult } from '../platform.ts'
import { createLinePlatform } from './line.ts'
import { TOKEN_TELLS_UNTIL } from './sending.ts'

const TEXT = '您的訂單已到店'
const ACCESS = 'access-token-of-the-channel'
const SECRET = 'secret-of-the-channel'
const PLACE = { teamId: TeamId.parse('shop'), channelId: ChannelId.parse('line') }
/** Long, so that a busy machine makes nothing late; `HASTY` is for what never answers. */
const PATIENT = { answer: 20_000, content: 20_000 }
const HASTY = { answer: 300, content: 300 }
const PUSH = /\/message\/push$/
const REPLY = /\/message\/reply$/

let line: LineFake
let account: FakeAccount
let ann: User
let clock: { now: Time }

beforeEach(async () => {
  clock = { now: Date.now() }
  line = await startLine({ now: () => clock.now })
  account = line.addAccount({
    channelId: '1',
    channelSecret: SECRET,
    accessToken: ACCESS,
    webhookUrl: null,
    name: 'Shop',
    basicId: '@shop',
  })
  ann = account.addUser({ name: 'Ann', isFriend: true })
})

afterEach(async () => {
  await line.close()
})

function connect({ limits = PATIENT, url = line.apiUrl } = {}) {
  return createLinePlatform(limits).connect(
    PLACE,
    { channelId: '1', channelSecret: SECRET, accessToken: ACCESS, loginChannelId: '' },
    { addresses: { line: url, lineData: line.dataUrl }, clock: () => clock.now },
  )
}

/** What is known of sending one message, as the hub keeps it: an attempt lasts until its end is known. */
class Trying {
  earlier: Attempt['earlier'] = null
  begun = 0
  #fresh: string | null

  constructor(fresh: string | null = null) {
    this.#fresh = fresh
  }

  attempt(): Attempt {
    return {
      earlier: this.earlier,
      begin: () => {
        if (this.earlier) throw new Error('there is an attempt already')
        this.begun += 1
        this.earlier = {
          begunAt: clock.now,
          reply: this.#fresh === null ? null : { token: this.#fresh, receivedAt: clock.now },
        }
        this.#fresh = null
        return Promise.resolve(this.earlier)
      },
      dropReply: () => {
        if (this.earlier) this.earlier = { ...this.earlier, reply: null }
        return Promise.resolve()
      },
    }
  }
}

const text: Body = { kind: 'text', text: TEXT }
const picture = (mime = 'image/jpeg'): Body => ({
  kind: 'image',
  attachmentId: AttachmentId.parse('photo'),
  name: 'photo.jpg',
  size: 9,
  mime,
  width: 1,
  height: 1,
})

type What = {
  body?: Body
  to?: { kind: 'person' | 'group'; externalId: string }
  id?: string
  pictures?: (variant: string) => string
  with?: Parameters<typeof connect>[0]
}

function send(trying: Trying, what: What = {}): Promise<SendResult> {
  const outgoing: Outgoing = {
    ...PLACE,
    channel: {
      id: PLACE.channelId,
      kind: 'line',
      name: 'LINE',
      botOn: false,
      botKeywords: [],
      welcomeText: null,
      connected: true,
      problem: null,
    },
    contact: what.to ?? { kind: 'person', externalId: ann.id },
    conversation: { id: ConversationId.parse('talk'), kind: 'direct' },
    message: { id: MessageId.parse(what.id ?? 'message-1'), body: what.body ?? text },
    template: null,
    attempt: trying.attempt(),
    file: () => Promise.reject(new Error('LINE takes no bytes')),
    pictureUrl: (id, variant) => `${what.pictures?.(variant) ?? 'https://hub.example'}/${id}/${variant}`,
  }
  return connect(what.with).send(outgoing)
}

/** What the sending was ended by; an error's words may go into a log, so they are looked at here. */
async function failure(sending: Promise<SendResult>): Promise<unknown> {
  const error: unknown = await sending.then(
    (result) => new Error(`it was sent: ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown,
  )
  const said = inspect(error, { depth: 10, showHidden: true })
  for (const secret of [TEXT, ACCESS, SECRET, ann.id]) expect(said).not.toContain(secret)
  return error
}

const shown = () => account.messagesFor(ann).map(({ via, message }) => [via, message])
const ONE = { type: 'text', text: TEXT }
const freshToken = () => {
  const { replyToken } = account.send(ann, { type: 'text', text: '在嗎' })
  return replyToken
}
const answer = (status: number, message: string, headers: Record<string, string> = {}): Fault => ({
  type: 'answer',
  effect: 'none',
  status,
  body: { message },
  headers,
})
const keys = () => line.calls.all().map(({ headers }) => headers['x-line-retry-key'])
const paths = () => line.calls.all().map(({ path }) => path.split('/').at(-1))

/** Every fault has met its request. */
const played = () => vi.waitFor(() => expect(line.faults.pending()).toBe(0), 10_000)
/** What we gave up waiting for goes on at LINE; its end comes late. */
const allHeard = () =>
  vi.waitFor(() => {
    const slow = line.calls.all().filter(({ fault }) => fault?.type === 'slow')
    expect(slow.filter(({ status }) => status === null)).toEqual([])
  }, 10_000)

/** Each way an answer can get lost, with the message sent all the same (`done`) or not. */
const LOST = (['none', 'done'] as const).flatMap((effect): [string, Fault][] => [
  [`hang, ${effect}`, { type: 'hang', ms: 60_000, effect }],
  [`slow, ${effect}`, { type: 'slow', ms: 1_000, effect }],
  [`cut, ${effect}`, { type: 'cut', effect }],
  [`garbage, ${effect}`, { type: 'garbage', effect }],
  [`500, ${effect}`, { type: 'answer', status: 500, body: { message: 'Internal Server Error' }, effect }],
  [`a gateway’s 502, ${effect}`, { type: 'answer', status: 502, body: '<html>', effect }],
])

describe('what LINE can show', () => {
  it('is a text', async () => {
    expect(await send(new Trying())).toEqual({ ok: true })
    expect(shown()).toEqual([['push', ONE]])
    expect(line.calls.invalid()).toEqual([])
  })

  it('is a picture, by the addresses it can be fetched from', async () => {
    expect(await send(new Trying(), { body: picture() })).toEqual({ ok: true })
    expect(shown()).toEqual([
      [
        'push',
        {
          type: 'image',
          originalContentUrl: 'https://hub.example/photo/original',
          previewImageUrl: 'https://hub.example/photo/preview',
        },
      ],
    ])
    expect(line.calls.invalid()).toEqual([])
  })

  it('is no picture at an address without https, and none of another type', async () => {
    const media = { ok: false, code: 'channel.media', platformCode: null }
    const trying = new Trying(freshToken())
    for (const bare of ['original', 'preview']) {
      const pictures = (variant: string) => `${variant === bare ? 'http' : 'https'}://hub.example`
      expect(await send(trying, { body: picture(), pictures })).toEqual(media)
    }
    expect(await send(trying, { body: picture('image/webp') })).toEqual(media)
    expect([trying.begun, line.calls.all()]).toEqual([0, []])
  })

  it('is nothing else', async () => {
    const trying = new Trying(freshToken())
    const file = { ...picture(), kind: 'file', mime: 'application/pdf' } as Body
    const kind = { ok: false, code: 'channel.kind', platformCode: null }
    expect(await send(trying, { body: file })).toEqual(kind)
    expect(await send(trying, { body: { kind: 'note', text: TEXT } })).toEqual(kind)
    expect([trying.begun, line.calls.all()]).toEqual([0, []])
    // A picture whose size in pixels was not known is one all the same.
    const picked = { ...picture(), kind: 'file' } as Body
    expect(await send(trying, { body: picked })).toEqual({ ok: true })
  })
})

describe('a push', () => {
  it('carries a key of its own for each message', async () => {
    for (const id of ['message-1', 'message-2']) await send(new Trying(), { id })
    expect(keys().every((key) => validate(key) && version(key ?? '') === 5)).toBe(true)
    expect(new Set(keys()).size).toBe(2)
    expect(shown()).toHaveLength(2)
  })

  it.each(LOST)('whose answer gets lost (%s) is tried again, and reaches the customer once', async (_, fault) => {
    line.faults.next({ path: PUSH }, fault)
    const limits = 'ms' in fault ? HASTY : PATIENT
    const trying = new Trying()
    expect(await failure(send(trying, { with: { limits } }))).toBeInstanceOf(Uncertain)
    await played()
    expect(await send(trying)).toEqual({ ok: true })
    await allHeard()
    expect(shown()).toEqual([['push', ONE]])
    expect(new Set(keys()).size).toBe(1)
  })

  it('of which an attempt was begun and no end is known is made again, without another attempt', async () => {
    const trying = new Trying()
    await send(trying)
    expect([await send(trying), trying.begun]).toEqual([{ ok: true }, 1])
    expect(line.calls.all().map(({ status }) => status)).toEqual([200, 409])
    expect(shown()).toEqual([['push', ONE]])
  })

  it('that cannot reach LINE at all is tried later', async () => {
    await line.close()
    expect(await failure(send(new Trying()))).toMatchObject({ name: 'TryLater', code: 'channel.failed' })
    line = await startLine()
  })

  it.each([
    ['when LINE does not say for how long', {}, 1_000],
    ['as long as LINE says', { 'retry-after': '3' }, 3_000],
    ['but not for minutes', { 'retry-after': '600' }, 5_000],
    ['nor for no time at all', { 'retry-after': '0.001' }, 1_000],
    ['nor by a date', { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }, 1_000],
  ])('that is one too many lets the channel rest, %s', async (_, headers, pause) => {
    line.faults.next({ path: PUSH }, answer(429, 'Too many requests', headers))
    expect(await failure(send(new Trying()))).toMatchObject({ name: 'TryLater', code: 'channel.rateLimited', pause })
    expect(shown()).toEqual([])
  })

  it('beyond the month’s messages fails for good', async () => {
    account.sending.monthlyQuota = 0
    expect(await send(new Trying())).toEqual({
      ok: false,
      code: 'channel.quota',
      platformCode: 'You have reached your monthly limit.',
    })
  })

  it('with a token that is no longer accepted fails for good', async () => {
    account.accessToken = 'another'
    expect(await send(new Trying())).toMatchObject({ ok: false, code: 'channel.token' })
  })

  it('to a group the account is out of fails for good', async () => {
    const group = account.addGroup({ name: 'Family', members: [ann] })
    account.leave(group)
    expect(await send(new Trying(), { to: { kind: 'group', externalId: group.id } })).toEqual({
      ok: false,
      code: 'channel.blocked',
      platformCode: 'Failed to send messages',
    })
  })

  it.each([
    [403, 'Access to this API is not available for your account', 'channel.token'],
    [404, 'Not found', 'channel.notReachable'],
    [400, "The user hasn't added the LINE Official Account as a friend.", 'channel.blocked'],
    [413, 'Payload Too Large', 'channel.rejected'],
  ])('that is refused with %i (%s) fails for good', async (status, message, code) => {
    line.faults.next({ path: PUSH }, answer(status, message))
    expect(await send(new Trying())).toEqual({ ok: false, code, platformCode: message })
  })

  it('that LINE has something against fails with its words, cut short', async () => {
    expect(await send(new Trying(), { to: { kind: 'person', externalId: 'nobody' } })).toEqual({
      ok: false,
      code: 'channel.rejected',
      platformCode: 'The request body has 1 error(s) (to: invalid ID)',
    })
    line.faults.next({ path: PUSH }, answer(400, '字'.repeat(300)))
    expect(await send(new Trying())).toEqual({ ok: false, code: 'channel.rejected', platformCode: '字'.repeat(200) })
    line.faults.next({ path: PUSH }, { ...answer(400, ''), body: '<html>', status: 400 } as Fault)
    expect(await send(new Trying())).toEqual({ ok: false, code: 'channel.rejected', platformCode: 'status 400' })
  })
})

describe('a reply', () => {
  it('is sent while there is a token for it, and costs none of the month’s messages', async () => {
    expect(await send(new Trying(freshToken()))).toEqual({ ok: true })
    expect(shown()).toEqual([['reply', ONE]])
    expect([keys(), line.calls.invalid(), account.sending.consumption()]).toEqual([[undefined], [], 0])
  })

  it('goes to a group as well', async () => {
    const group = account.addGroup({ name: 'Family', members: [ann] })
    const { replyToken } = account.send(ann, { type: 'text', text: '在嗎' }, { in: group })
    expect(await send(new Trying(replyToken), { to: { kind: 'group', externalId: group.id } })).toEqual({ ok: true })
    expect(account.messagesFor(group).map(({ via }) => via)).toEqual(['reply'])
  })

  it('with a token that is good for nothing is pushed instead', async () => {
    const trying = new Trying(freshToken())
    clock.now += 61_000
    expect(await send(trying)).toEqual({ ok: true })
    expect([shown(), paths(), trying.begun]).toEqual([[['push', ONE]], ['reply', 'push'], 1])
  })

  it('with a dead token is pushed again when the push gets lost: the token tells nothing of that', async () => {
    const trying = new Trying(freshToken())
    clock.now += 61_000
    line.faults.next({ path: PUSH }, { type: 'cut', effect: 'none' })
    expect(await failure(send(trying))).toBeInstanceOf(Uncertain)
    expect(shown()).toEqual([])
    expect(await send(trying)).toEqual({ ok: true })
    expect([shown(), paths()]).toEqual([[['push', ONE]], ['reply', 'push', 'push']])
  })

  it.each(LOST)('whose answer gets lost (%s) reaches the customer once, and never as a push', async (_, fault) => {
    const trying = new Trying(freshToken())
    line.faults.next({ path: REPLY }, fault)
    const limits = 'ms' in fault ? HASTY : PATIENT
    expect(await failure(send(trying, { with: { limits } }))).toBeInstanceOf(Uncertain)
    await played()
    expect(await send(trying)).toEqual({ ok: true })
    await allHeard()
    expect(shown()).toEqual([['reply', ONE]])
    expect(paths()).toEqual(['reply', 'reply'])
  })

  it.each(LOST)('stays uncertain when the second answer gets lost too (%s), until one is heard', async (_, fault) => {
    const trying = new Trying(freshToken())
    line.faults.next({ path: REPLY, times: 2 }, fault)
    const limits = 'ms' in fault ? HASTY : PATIENT
    for (let n = 1; n <= 2; n++) expect(await failure(send(trying, { with: { limits } }))).toBeInstanceOf(Uncertain)
    await played()
    expect(await send(trying)).toEqual({ ok: true })
    await allHeard()
    expect([shown(), trying.begun]).toEqual([[['reply', ONE]], 1])
  })

  it.each(['none', 'done'] as const)('of long ago that may have been sent (%s) is left as it is', async (effect) => {
    const trying = new Trying(freshToken())
    line.faults.next({ path: REPLY }, { type: 'cut', effect })
    expect(await failure(send(trying))).toBeInstanceOf(Uncertain)
    clock.now += 61_000
    expect(await send(trying)).toEqual({
      ok: false,
      code: 'channel.uncertain',
      platformCode: 'Invalid reply token',
    })
    expect([shown(), paths()]).toEqual([effect === 'done' ? [['reply', ONE]] : [], ['reply', 'reply']])
  })

  it('is known to have been sent by its token only so long', async () => {
    const used = freshToken()
    await send(new Trying(used))
    const after = async (ms: number) => {
      const trying = new Trying()
      trying.earlier = { begunAt: clock.now, reply: { token: used, receivedAt: clock.now - ms } }
      return await send(trying)
    }
    expect(await after(TOKEN_TELLS_UNTIL - 1)).toEqual({ ok: true })
    expect(await after(TOKEN_TELLS_UNTIL)).toMatchObject({ ok: false, code: 'channel.uncertain' })
    expect(shown()).toHaveLength(1)
  })

  it('that cannot reach LINE at all was not sent', async () => {
    const gone = await startLine()
    await gone.close()
    const trying = new Trying(freshToken())
    expect(await failure(send(trying, { with: { url: gone.apiUrl } }))).toBeInstanceOf(TryLater)
    // Of an earlier one that may have been sent it tells nothing.
    expect(await failure(send(trying, { with: { url: gone.apiUrl } }))).toBeInstanceOf(Uncertain)
  })

  it('that is one too many was not sent; of an earlier one that tells nothing', async () => {
    const trying = new Trying(freshToken())
    line.faults.next({ path: REPLY, times: 2 }, answer(429, 'Too many requests'))
    expect(await failure(send(trying))).toMatchObject({ name: 'TryLater', code: 'channel.rateLimited', pause: 1_000 })
    expect(await failure(send(trying))).toBeInstanceOf(Uncertain)
    expect(shown()).toEqual([])
  })

  it('with an access token that is no longer accepted fails; an earlier one stays uncertain for good', async () => {
    const trying = new Trying(freshToken())
    account.accessToken = 'another'
    expect(await send(trying)).toMatchObject({ ok: false, code: 'channel.token' })
    expect(await send(trying)).toMatchObject({ ok: false, code: 'channel.uncertain' })
  })

  it('that LINE has something against is not pushed', async () => {
    line.faults.next({ path: REPLY }, answer(400, 'A message (messages[0]) in the request body is invalid'))
    expect(await send(new Trying(freshToken()))).toMatchObject({ ok: false, code: 'channel.rejected' })
    expect([shown(), paths()]).toEqual([[], ['reply']])
  })
})
