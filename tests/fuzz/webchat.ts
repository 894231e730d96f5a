/** The web chat: its page's routes and its socket, as visitors, as others' visitors, and as nobody. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { TABLE_NAMES } from '../../backend/domain/rows.ts'
import { cleanText } from '../../backend/domain/text.ts'
import { PAGE_FRAME_MAX, PageFrame } from '../../backend/hub/channels/webchat/frames.ts'
import { visitorCookieName } from '../../backend/hub/channels/webchat/visitor.ts'
import { ChannelId } from '../../backend/domain/ids.ts'
import { asSent, httpProblem, parseJson, refusalProblem } from './answers.ts'
import { oddText, valuesOf } from './arbitrary.ts'
import { BYSTANDER_CONVERSATION } from './bystanders.ts'
import { visitorCookie, visitorId } from './keys.ts'
import { changed, changes, damaged, isObject, textDamages } from './mutate.ts'
import type { Change, TextDamage } from './mutate.ts'
import { anyValue, resolved } from './pools.ts'
import { make, requestsOf, send } from './requests.ts'
import type { Request, Route } from './requests.ts'
import { WORDS } from './sample.ts'
import { FuzzSocket, frameBytes } from './socket.ts'
import type { RawFrame } from './socket.ts'
import { target } from './target.ts'
import type { Turn } from './target.ts'
import { CAFE, SLOTS } from './world.ts'
import type { World } from './world.ts'

const COOKIES = ['own', 'own', 'own', 'own', 'own', 'own', 'none', 'forged', 'other-channel', 'odd', 'unknown'] as const
type Cookie = (typeof COOKIES)[number]
type Step =
  | { t: 'frame'; value: unknown; changes: Change[]; damage: TextDamage; binary: boolean }
  | { t: 'bytes'; hex: string }
  | { t: 'raw'; frame: RawFrame }
  | { t: 'flood'; frames: number; text: string }
type Input = { cookie: Cookie; visitor: number } & (
  | { t: 'http'; request: Request; origin: 'own' | 'none' | 'foreign' }
  | { t: 'socket'; channel: string; origin: 'own' | 'none' | 'foreign'; steps: Step[]; end: 'probe' | 'cut' | 'reset' }
  | { t: 'many'; sockets: number }
)

const VISITORS_A_SLOT = 4
const PROBE = '{"type":"end"}'
/** The word in all that a visitor writes; nobody else's page may ever show it. */
const wordOf = (visitor: string) => `zqw${visitor}w`
const VISITOR_WORDS = /zqw(v\d+)w/g
const EVENTS = ['history', 'older', 'messages', 'accepted', 'refused', 'state', 'pong', 'error']
/** What a socket is closed with when its server has failed. */
const OUR_FAULT = 1011

const pools = {
  id: fc.oneof(
    { weight: 8, arbitrary: fc.constant('@fresh') },
    { weight: 1, arbitrary: fc.constantFrom('c0-m0', 'by-1', 'by-answer-1', '@last') },
  ),
  text: fc.oneof(
    { weight: 5, arbitrary: fc.string({ maxLength: 30 }).map((one) => `@word ${one}`) },
    { weight: 1, arbitrary: oddText },
  ),
  attachmentId: fc.constantFrom('@file', '@file', '@file:other', 'f0', 'none'),
  before: fc.oneof(fc.nat(50), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1)),
  after: fc.oneof(fc.constant(0), fc.nat(50), fc.constantFrom(2 ** 31, 2 ** 53 - 1)),
  upTo: fc.oneof(fc.nat(50), fc.constantFrom(2 ** 31, 2 ** 53 - 1)),
}
const SIZES = [PAGE_FRAME_MAX - 1, PAGE_FRAME_MAX, PAGE_FRAME_MAX + 1, 256 * 1024, 256 * 1024 + 1]
const frame = (values: fc.Arbitrary<unknown>, given: fc.Arbitrary<Change[]>): fc.Arbitrary<Step> =>
  fc.record({
    t: fc.constant('frame' as const),
    value: values,
    changes: given,
    damage: textDamages(SIZES),
    binary: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })
const hello = fc.record({ type: fc.constant('hello'), after: fc.constantFrom(0, 0, 1, 5) })
const right: fc.Arbitrary<Step> = hello.map((value) => ({
  t: 'frame',
  value,
  changes: [],
  damage: { type: 'none' },
  binary: false,
}))
const steps = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
    { weight: 30, arbitrary: frame(valuesOf(PageFrame, pools), changes(anyValue)) },
    {
      weight: 1,
      arbitrary: fc.record({
        t: fc.constant('bytes'),
        hex: fc.string({ unit: fc.constantFrom('0', 'f', '8', 'c'), minLength: 2, maxLength: 40 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        t: fc.constant('raw'),
        frame: fc.record({
          first: fc.nat(255),
          masked: fc.boolean(),
          payload: fc.string({ maxLength: 130 }),
          length: fc.option(fc.constantFrom(0, 126, 65_536, 300_000, 2 ** 40), { nil: null }),
        }),
      }),
    },
  ),
  { maxLength: 5 },
)
const flood: fc.Arbitrary<Step> = fc.record({
  t: fc.constant('flood'),
  frames: fc.constantFrom(300, 600),
  text: fc.constantFrom('{"type":"ping"}', '{"type":"typing","on":true}', '{"type":"older","before":9}', 'nonsense'),
})

const channel = fc.oneof(
  { weight: 12, arbitrary: fc.constant<string>(CAFE) },
  { weight: 1, arbitrary: fc.constantFrom('none', 'desk-chat', 'shop-chat-1', "'", 'x'.repeat(65)) },
)
const routes: Route[] = [
  { method: 'GET', path: '/chat/:channel', params: { channel } },
  { method: 'GET', path: '/chat/:channel/embed', params: { channel } },
  { method: 'GET', path: '/chat/:channel/embed.js', params: { channel } },
  {
    method: 'GET',
    path: '/chat/assets/:file',
    params: { file: fc.constantFrom('chat.js', 'chat.css', 'mark.svg', 'tsconfig.json', '..%2fpage.ts', 'none') },
  },
  { method: 'POST', path: '/chat/:channel/visitor', params: { channel }, weight: 2 },
  {
    method: 'POST',
    path: '/chat/:channel/attachments',
    params: { channel },
    query: { name: fc.oneof(fc.constantFrom('a.txt', 'x'.repeat(256)), oddText) },
    bytes: [0, 1, 300, 20_000],
    weight: 5,
  },
  {
    method: 'GET',
    path: '/chat/:channel/attachments/:id',
    params: { channel, id: fc.constantFrom('@file', '@file:other', 'f0', 'none') },
    weight: 4,
  },
  { method: 'GET', path: '/chat/socket' },
]
const origins = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('own' as const, 'none' as const) },
  { weight: 1, arbitrary: fc.constant('foreign' as const) },
)
const who = { cookie: fc.constantFrom(...COOKIES), visitor: fc.nat(VISITORS_A_SLOT - 1) }
const inputs: fc.Arbitrary<Input> = fc.oneof<fc.MaybeWeightedArbitrary<Input>[]>(
  {
    weight: 400,
    arbitrary: fc.record({ ...who, t: fc.constant('http'), request: requestsOf(routes, [100_000]), origin: origins }),
  },
  {
    weight: 800,
    arbitrary: fc.record({
      ...who,
      t: fc.constant('socket'),
      channel,
      origin: origins,
      steps: fc.oneof(
        { weight: 300, arbitrary: fc.tuple(right, steps).map(([first, rest]) => [first, ...rest]) },
        { weight: 60, arbitrary: steps },
        { weight: 1, arbitrary: fc.tuple(right, flood) },
      ),
      end: fc.constantFrom('probe', 'probe', 'probe', 'cut', 'reset'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...who, t: fc.constant('many'), sockets: fc.constantFrom(50, 350) }) },
)

/** What visitors have written, by conversation and message; the texts they may have meant. */
const written = new Map<string, Set<string>>()
const accepted = new Set<string>()
/** Each visitor's newest file, and whose each file is. */
const files = new Map<string, string>()
const owners = new Map<string, string>()
const lastIds = new Map<string, string>()
let fresh = 0

function visitorOf({ slot }: Turn, n: number): string {
  return visitorId(slot * VISITORS_A_SLOT + n)
}

function cookieOf(cookie: Cookie, visitor: string): string | null {
  const name = visitorCookieName(ChannelId.parse(CAFE))
  switch (cookie) {
    case 'own':
      return visitorCookie(CAFE, visitor)
    case 'none':
      return null
    case 'forged':
      return visitorCookie(CAFE, visitor).replace(/.{4}$/, 'AAAA')
    case 'other-channel':
      return `${name}=${visitorCookie('desk-chat', visitor).split('=')[1]}`
    case 'odd':
      return `${name}=${'x'.repeat(3_000)}`
    case 'unknown':
      return 'a=b; ;=; __proto__=1'
  }
}

async function play(turn: Turn, input: Input): Promise<string[]> {
  const visitor = visitorOf(turn, input.visitor)
  const headers: Record<string, string> = { host: new URL(turn.world.hub.url).host, 'x-forwarded-for': turn.address }
  const cookie = cookieOf(input.cookie, visitor)
  if (cookie) headers['cookie'] = cookie
  if (input.t === 'many') return playMany(turn, headers, input.sockets)
  if (input.origin === 'own') headers['origin'] = turn.world.hub.url
  if (input.origin === 'foreign') headers['origin'] = 'https://evil.example'
  return input.t === 'http' ? playHttp(turn, input, visitor, headers) : new Talk(turn, input, visitor, headers).all()
}

async function playHttp(
  { world }: Turn,
  { request, cookie }: Extract<Input, { t: 'http' }>,
  visitor: string,
  headers: Record<string, string>,
): Promise<string[]> {
  if (request.body.type === 'bytes') headers['content-type'] = 'text/plain'
  const made = await make(request, headers, async (sign) => (await signOf(sign, visitor)) ?? sign)
  const answer = await send(world.hub.url, request, made)
  const where = `${request.method} ${made.target.slice(0, 100)}`
  const problem = httpProblem(answer, made.isHttp)
  const problems = [...(problem ? [`${where}: ${problem}`] : []), ...shownTo(visitor, answer.text)]
  const isFile = request.path.includes('/attachments')
  if (isFile && answer.status === 200 && (cookie !== 'own' || headers['cookie'] !== made.headers['cookie'])) {
    problems.push(`${where}: with the cookie ${cookie}`)
  }
  if (
    isFile &&
    answer.status === 200 &&
    made.headers['origin'] === 'https://evil.example' &&
    request.method === 'POST'
  ) {
    problems.push(`${where}: from another site`)
  }
  const asked = /\/attachments\/([^/?]+)/.exec(made.target)?.[1] ?? ''
  if (answer.status === 200 && isFile && request.method !== 'POST' && owners.get(asked) !== visitor) {
    problems.push(`${where}: is the file of ${owners.get(asked) ?? 'nobody'}`)
  }
  const stored = request.method === 'POST' && isFile && answer.status === 200 ? parseJson(answer.text) : null
  if (isObject(stored) && typeof stored['attachmentId'] === 'string') own(visitor, stored['attachmentId'])
  return problems
}

function own(visitor: string, file: string): void {
  files.set(visitor, file)
  owners.set(file, visitor)
}

async function signOf(sign: string, visitor: string): Promise<string | undefined> {
  if (sign === '@file') return files.get(visitor) ?? 'none'
  if (sign === '@file:other') return [...files].find(([other]) => other !== visitor)?.[1] ?? 'none'
  if (sign === '@last') return lastIds.get(visitor) ?? 'none'
  if (sign.startsWith('@word')) return wordOf(visitor) + sign.slice(5)
  if (sign !== '@fresh') return undefined
  const id = `w${visitor}-${fresh++}`
  lastIds.set(visitor, id)
  return id
}

/** Whose words are in an answer. */
function shownTo(visitor: string, text: string): string[] {
  const problems: string[] = []
  for (const [word] of text.matchAll(WORDS)) problems.push(`${visitor} got ${word}`)
  for (const [word, other] of text.matchAll(VISITOR_WORDS))
    if (other !== visitor) problems.push(`${visitor} got ${word}`)
  return problems
}

class Talk {
  readonly problems: string[] = []
  readonly #turn: Turn
  readonly #input: Extract<Input, { t: 'socket' }>
  readonly #visitor: string
  readonly #socket: FuzzSocket
  #isRaw = false

  constructor(turn: Turn, input: Extract<Input, { t: 'socket' }>, visitor: string, headers: Record<string, string>) {
    this.#turn = turn
    this.#input = input
    this.#visitor = visitor
    const url = `${turn.world.hub.url.replace('http', 'ws')}/chat/socket?channel=${encodeURIComponent(input.channel)}`
    this.#socket = new FuzzSocket(url, headers)
  }

  async all(): Promise<string[]> {
    const socket = this.#socket
    if (!(await socket.opened())) {
      const { refused } = socket
      const answer = {
        method: 'GET',
        headers: {},
        failure: 'no upgrade',
        status: refused?.status ?? null,
        text: refused?.text ?? '',
      }
      return [httpProblem(answer, true) ?? `the connection was refused: ${answer.text}`]
    }
    for (const step of this.#input.steps) {
      await this.#step(step)
      if (!socket.isOpen) break
    }
    await this.#finish()
    this.#readAnswers()
    return this.problems
  }

  async #step(step: Step): Promise<void> {
    const socket = this.#socket
    switch (step.t) {
      case 'frame': {
        const real = await resolved(
          changed(step.value, step.changes),
          async (sign) => (await signOf(sign, this.#visitor)) ?? sign,
        )
        const text = damaged(JSON.stringify(real) ?? '', step.damage)
        if (Buffer.byteLength(text) > PAGE_FRAME_MAX) this.#isRaw = true
        this.#notes(text)
        return socket.send(step.binary ? Buffer.from(text) : text, { binary: step.binary })
      }
      case 'bytes':
        this.#isRaw = true
        return socket.send(Buffer.from(step.hex, 'hex'), { binary: false })
      case 'raw':
        this.#isRaw = true
        return socket.raw(frameBytes(step.frame))
      case 'flood':
        for (let i = 0; i < step.frames; i++) socket.send(step.text)
    }
  }

  #notes(text: string): void {
    const value = parseJson(asSent(text))
    if (!isObject(value) || value['type'] !== 'send' || !isObject(value['content'])) return
    const { id, content } = value
    const what = content['kind'] === 'text' ? content['text'] : content['attachmentId']
    if (typeof id !== 'string' || typeof what !== 'string') return
    const key = `webchat-${this.#visitor} ${id}`
    written.set(key, (written.get(key) ?? new Set()).add(content['kind'] === 'text' ? cleanText(what) : what))
  }

  async #finish(): Promise<void> {
    const socket = this.#socket
    const { end } = this.#input
    if (end !== 'probe' && socket.isOpen) return socket.cut(end === 'reset')
    socket.send(PROBE)
    const over = await socket.until(() => socket.closedWith !== null, this.#isRaw ? 300 : undefined)
    if (!over && !this.#isRaw) this.problems.push('the connection hangs')
    if (!over) return socket.cut()
    const last = parseJson(socket.texts.at(-1) ?? '')
    const isError = isObject(last) && last['type'] === 'error'
    const { closedWith } = socket
    if (isError && (closedWith === 1008 || closedWith === 1009 || closedWith === 4401)) return
    if (this.#isRaw && closedWith !== OUR_FAULT) return
    this.problems.push(`closed with ${closedWith} after ${socket.texts.at(-1)?.slice(0, 100)}`)
  }

  #readAnswers(): void {
    const { cookie, origin } = this.#input
    for (const text of this.#socket.texts) {
      const value = parseJson(text)
      if (!isObject(value) || !EVENTS.includes(String(value['type'])))
        this.problems.push(`no answer of ours: ${text.slice(0, 100)}`)
      else {
        const refusal =
          value['type'] === 'error' ? value['error'] : value['type'] === 'refused' ? value['refusal'] : null
        const problem = refusal === null ? null : refusalProblem(refusal)
        if (problem) this.problems.push(problem)
        const isStranger = cookie !== 'own' || origin === 'foreign' || this.#input.channel !== CAFE
        if (isStranger && value['type'] !== 'error')
          this.problems.push(`${cookie}, ${origin}: was told ${text.slice(0, 100)}`)
        if (value['type'] === 'accepted') accepted.add(`webchat-${this.#visitor} ${String(value['id'])}`)
      }
      this.problems.push(...shownTo(this.#visitor, text))
    }
    if (this.#turn.slot > SLOTS) this.problems.push('no such slot')
  }
}

/** More sockets than one address may have: some are refused with a code, and nobody else notices. */
async function playMany({ world }: Turn, headers: Record<string, string>, count: number): Promise<string[]> {
  const url = `${world.hub.url.replace('http', 'ws')}/chat/socket?channel=${CAFE}`
  const sockets = Array.from({ length: count }, () => new FuzzSocket(url, headers))
  const problems = (
    await Promise.all(
      sockets.map(async (socket) => {
        const opened = await socket.opened()
        const { refused } = socket
        const answer = {
          method: 'GET',
          headers: {},
          failure: 'no upgrade',
          status: refused?.status ?? null,
          text: refused?.text ?? '',
        }
        return opened ? null : httpProblem(answer, true)
      }),
    )
  ).filter((problem) => problem !== null)
  for (const socket of sockets) socket.cut()
  return problems.slice(0, 1)
}

/** Only what visitors wrote themselves, and what the bystanders say, has been added to the team. */
async function check({ db }: World): Promise<string[]> {
  const problems: string[] = []
  const known = new Set(Array.from({ length: SLOTS * VISITORS_A_SLOT }, (_, n) => `webchat-${visitorId(n)}`))
  known.add(BYSTANDER_CONVERSATION)
  for (const table of TABLE_NAMES) {
    const { rows } = await sql<{ id: string; data: string }>`
      select id, data::text as data from ${sql.table(table)} where team_id = ${CAFE} and version > 1`.execute(db)
    for (const { id, data } of rows) {
      const row: unknown = JSON.parse(data)
      if (!isObject(row)) continue
      if (table === 'message') problems.push(...messageProblem(id, row))
      else if ((table !== 'contact' && table !== 'conversation') || !known.has(id))
        problems.push(`${CAFE} ${table} ${id} was changed: ${data.slice(0, 200)}`)
    }
    if (table !== 'message') continue
    const there = new Set(rows.map(({ id, data }) => `${String(JSON.parse(data).conversationId)} ${id}`))
    for (const one of accepted) if (!there.has(one)) problems.push(`accepted, and not there: ${one}`)
  }
  return problems.slice(0, 5)
}

function messageProblem(id: string, row: Record<string, unknown>): string[] {
  const { conversationId, body } = row
  if (conversationId === BYSTANDER_CONVERSATION)
    return id.startsWith('by-') ? [] : [`${id} is in the bystanders' conversation`]
  const sent = written.get(`${String(conversationId)} ${id}`)
  if (!isObject(body) || !sent) return [`nobody wrote ${id} in ${String(conversationId)}`]
  const what = String(body['kind'] === 'text' ? body['text'] : body['attachmentId'])
  const isTheirs = body['kind'] === 'text' || `webchat-${owners.get(what) ?? ''}` === conversationId
  if (!isTheirs) return [`${id} in ${String(conversationId)} shows the file of ${owners.get(what) ?? 'nobody'}`]
  return sent.has(what) ? [] : [`${id} is not as it was written`]
}

export const webchat = target<Input>('webchat', inputs, play, check)
