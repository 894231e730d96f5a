/** The workstation's local API and its live socket: through the door, past the door, and with nonsense in hand. */
import fc from 'fast-check'
import { LIST_NAMES } from '../../backend/domain/lists.ts'
import { CommandRequest, Draft, PresenceUpdate } from '../../backend/workstation/views.ts'
import { asSent, httpProblem, parseJson, refusalProblem } from './answers.ts'
import { oddText, valuesOf } from './arbitrary.ts'
import { ask, askRaw } from './http.ts'
import type { HttpAnswer } from './http.ts'
import { isObject } from './mutate.ts'
import { COMMANDS, POOLS, seen } from './pools.ts'
import { make, requestsOf, send } from './requests.ts'
import type { Made, Request, Route } from './requests.ts'
import { FuzzSocket } from './socket.ts'
import { target } from './target.ts'
import type { Turn } from './target.ts'
import { DESK_MEMBER, KNOWN, PASSWORD, signInAtDesk } from './world.ts'
import type { World } from './world.ts'

/** Who stands at the door: the window itself, or somebody who lacks or forges what it has. */
const DOORS = [
  'no-cookie',
  'wrong-cookie',
  'two-cookies',
  'foreign-host',
  'foreign-origin',
  'no-origin',
  'null-origin',
  'cross-site',
  'same-site',
] as const
type Door = 'good' | (typeof DOORS)[number]
type Input =
  | { t: 'http'; door: Door; request: Request }
  | { t: 'live'; door: Door; path: string; send: { text: string; binary: boolean } | null }
  | { t: 'break-off'; door: Door; path: string; after: 'reset' | 'half-close' }
  | { t: 'lock'; how: 'lock' | 'lock-twice' }

const JSON_MAX = 1024 * 1024
const conversation = fc.oneof(
  { weight: 3, arbitrary: fc.nat(15).map((n) => `@seen+${n}`) },
  { weight: 1, arbitrary: fc.constantFrom<string[]>(...KNOWN.conversations, 'c99') },
)
const numbers = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 31, 2 ** 53 - 1, 2 ** 53, -1, 0.5, 1e308)).map(String)
const list = fc.constantFrom<string[]>(...LIST_NAMES, 'none')
const filters = {
  channelId: fc.constantFrom('desk-chat', 'x'),
  storeId: fc.constantFrom('north', 'x'),
  tagId: fc.constantFrom('vip', 'x'),
  unread: fc.constantFrom('true', 'false', '1'),
  from: numbers,
  to: numbers,
  limit: numbers,
}
const words = fc.oneof(
  fc.constantFrom(
    'text',
    'zq',
    '字',
    '"',
    '*',
    'a OR b',
    'NEAR(',
    '^',
    '-',
    '%',
    '_',
    '"" ""',
    'desk',
    'col:x',
    'x'.repeat(201),
  ),
  oddText,
)

const routes: Route[] = [
  { method: 'GET', path: '/api/state' },
  // None that would be checked: wrong passwords slow down the right one, on purpose.
  {
    method: 'POST',
    path: '/api/sign-in',
    json: fc.record({ email: oddText, password: fc.constantFrom('', 'x'.repeat(1_025), null) }),
  },
  {
    method: 'POST',
    path: '/api/unlock',
    json: fc.record({ password: fc.constantFrom('', 'x'.repeat(1_025), null, 7) }),
  },
  { method: 'GET', path: '/api/reference' },
  { method: 'GET', path: '/api/counts' },
  { method: 'GET', path: '/api/conversations', query: { list, offset: numbers, ...filters }, weight: 4 },
  { method: 'GET', path: '/api/conversations/:id', params: { id: conversation }, weight: 3 },
  {
    method: 'GET',
    path: '/api/conversations/:id/messages',
    params: { id: conversation },
    query: { before: numbers, after: numbers, around: numbers, limit: numbers },
    weight: 4,
  },
  { method: 'GET', path: '/api/search', query: { q: words, list, ...filters }, weight: 4 },
  {
    method: 'POST',
    path: '/api/commands',
    json: fc.oneof({ weight: 8, arbitrary: COMMANDS }, { weight: 1, arbitrary: valuesOf(CommandRequest, POOLS) }),
    weight: 14,
  },
  { method: 'PUT', path: '/api/drafts/:id', params: { id: conversation }, json: valuesOf(Draft, POOLS), weight: 3 },
  {
    method: 'POST',
    path: '/api/attachments',
    query: {
      conversationId: conversation,
      name: fc.oneof(fc.constantFrom('a.txt', 'zqt.pdf', 'x'.repeat(256)), oddText),
    },
    bytes: [0, 1, 300, 5_000],
    weight: 2,
  },
  { method: 'GET', path: '/api/attachments/:id', params: { id: fc.constantFrom<string[]>(...KNOWN.files) }, weight: 2 },
  { method: 'GET', path: '/api/queue' },
  {
    // A message sent again has an id that the workstation makes: what is sent again here is nothing.
    method: 'POST',
    path: '/api/queue/:id/retry',
    params: { id: fc.constantFrom('0', '-1', 'x', '999999999', '9007199254740993', '1e3') },
    json: fc.record({ text: fc.option(oddText, { nil: undefined }) }),
  },
  { method: 'POST', path: '/api/queue/:id/discard', params: { id: numbers } },
  { method: 'POST', path: '/api/presence', json: valuesOf(PresenceUpdate, POOLS), weight: 2 },
  { method: 'POST', path: '/api/wake' },
  { method: 'GET', path: '/api/live' },
  { method: 'GET', path: '/' },
  {
    method: 'GET',
    path: '/assets/:file',
    params: { file: fc.constantFrom('none.js', '..%2f..%2fpackage.json', '%2e%2e/x.js', '%', 'a%00.js') },
  },
]
const doors = fc.oneof<fc.MaybeWeightedArbitrary<Door>[]>(
  { weight: 20, arbitrary: fc.constant('good') },
  { weight: 8, arbitrary: fc.constantFrom(...DOORS) },
)
const inputs: fc.Arbitrary<Input> = fc.oneof<fc.MaybeWeightedArbitrary<Input>[]>(
  {
    weight: 600,
    arbitrary: fc.record({
      t: fc.constant('http'),
      door: doors,
      request: requestsOf(routes, [JSON_MAX - 1, JSON_MAX, JSON_MAX + 1]),
    }),
  },
  {
    weight: 60,
    arbitrary: fc.record({
      t: fc.constant('live'),
      door: doors,
      path: fc.constantFrom('/api/live', '/api/live', '/api/live?x=1', '/api/state', '/', '/live', '/api/live/'),
      send: fc.option(
        fc.record({
          text: fc.constantFrom('', '{}', 'x'.repeat(1_024), 'x'.repeat(1_025), '\u0000'),
          binary: fc.boolean(),
        }),
        { nil: null },
      ),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      t: fc.constant('break-off'),
      door: doors,
      path: fc.constantFrom('/api/live', '/', '/none'),
      after: fc.constantFrom('reset', 'half-close'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('lock'), how: fc.constantFrom('lock', 'lock-twice') }) },
)

let fresh = 0
let locking: Promise<unknown> = Promise.resolve()

async function play(turn: Turn, input: Input): Promise<string[]> {
  if (input.t === 'live') return playLive(turn, input)
  if (input.t === 'lock') {
    const mine = locking.then(() => playLock(turn.world, input.how))
    locking = mine.catch(() => undefined)
    return mine
  }
  const { world, run } = turn
  if (input.t === 'break-off') {
    await askRaw(world.workstation.url, [upgradeOf(input.path, headersAt(world, input.door, true))], input.after, 500)
    return []
  }
  const { request, door } = input
  const base = headersAt(world, door, true)
  if (request.body.type === 'json') base['content-type'] = 'application/json'
  if (request.body.type === 'bytes') base['content-type'] = 'text/plain'
  const made = await make(request, base, async (sign) => {
    if (sign.startsWith('@seen')) return seen(world.desk.seenBy(DESK_MEMBER), Number(sign.slice(6)))
    return sign === '@fresh' ? `d${run}-${fresh++}` : sign
  })
  const goesIn = door === 'good' && made.headers['host'] === base['host'] && made.headers['origin'] === base['origin']
  if (goesIn) noteCommand(world, made, run)
  const answer = await send(world.workstation.url, request, made)
  const where = `${request.method} ${made.target.slice(0, 200)} (${door})`
  const problem =
    httpProblem(answer, made.isHttp) ??
    (goesIn ? insideProblem(answer) : doorProblem(door, request.method, made, answer))
  return [...(problem ? [`${where}: ${problem}`] : []), ...saw(turn, goesIn, answer.text)]
}

/** An upgrade whose sender is gone before it is answered. */
function upgradeOf(path: string, headers: Record<string, string>): Buffer {
  const all = {
    ...headers,
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

function headersAt({ workstation, window }: World, door: Door, changes: boolean): Record<string, string> {
  const { host } = new URL(workstation.url)
  const name = window.split('=')[0] ?? ''
  const headers: Record<string, string> = { host, cookie: window }
  if (changes) headers['origin'] = workstation.url
  switch (door) {
    case 'good':
      break
    case 'no-cookie':
      delete headers['cookie']
      break
    case 'wrong-cookie':
      headers['cookie'] = `${name}=${'A'.repeat(43)}`
      break
    case 'two-cookies':
      headers['cookie'] = `${name}=x; ${window}`
      break
    case 'foreign-host':
      headers['host'] = `evil.example:${new URL(workstation.url).port}`
      break
    case 'foreign-origin':
      headers['origin'] = 'https://evil.example'
      break
    case 'null-origin':
      headers['origin'] = 'null'
      break
    case 'no-origin':
      delete headers['origin']
      break
    case 'cross-site':
    case 'same-site':
      headers['sec-fetch-site'] = door
  }
  return headers
}

/** Only what came through the door may ever reach the hub. */
function noteCommand({ desk }: World, { text, target: at }: Made, run: number): void {
  // A mark of the byte order at the beginning is not part of a body's text.
  const body = text === null || !at.startsWith('/api/commands') ? null : parseJson(asSent(text).replace(/^\ufeff/, ''))
  if (isObject(body) && typeof body['name'] === 'string') desk.queues(body['name'], body['args'], run)
}

function insideProblem({ status, text }: HttpAnswer): string | null {
  const value = status === 200 ? parseJson(text) : null
  return isObject(value) && value['ok'] === false ? refusalProblem(value['refusal']) : null
}

/** Whoever is not let in gets 401 or 403, but for what everybody may see. */
function doorProblem(door: Door, method: string, { target: at, isHttp }: Made, { status }: HttpAnswer): string | null {
  if (!isHttp || status === 401 || status === 403) return null
  const path = at.split('?')[0] ?? ''
  const reads = method === 'GET' || method === 'HEAD'
  // A page that is opened by a link says no origin, and a window that is new begins with the state.
  if (door === 'no-origin' && reads) return null
  const isOpen = path === '/api/state' || path === '/api/live' || !path.startsWith('/api/')
  const isCookie = door.endsWith('cookie') || door === 'two-cookies'
  if (isCookie && isOpen) return null
  // An odd header of the request was odd in another way than the door.
  if (door === 'good') return null
  return `${door} got ${status}`
}

function saw({ world, run }: Turn, goesIn: boolean, text: string): string[] {
  const word = /zq[a-z]+\d*c\d+q/.exec(text)?.[0]
  if (!goesIn) return []
  const foreign = word ? world.desk.foreign(DESK_MEMBER, text) : null
  world.desk.shows(DESK_MEMBER, text, run)
  return foreign ? [foreign] : []
}

async function playLive(turn: Turn, { door, path, send: sent }: Extract<Input, { t: 'live' }>): Promise<string[]> {
  const { world } = turn
  const socket = new FuzzSocket(world.workstation.url.replace('http', 'ws') + path, headersAt(world, door, true))
  const isIn = await socket.opened()
  const problems: string[] = []
  if (!isIn) {
    const { refused } = socket
    const answer = {
      method: 'GET',
      headers: {},
      failure: 'no upgrade',
      status: refused?.status ?? null,
      text: refused?.text ?? '',
    }
    const problem = httpProblem(answer, true)
    if (problem) problems.push(`${path} (${door}): ${problem}`)
    if (door === 'good' && /^\/api\/live(\?|$)/.test(path)) problems.push(`the window was refused: ${refused?.status}`)
    return problems
  }
  const isCookie = door === 'no-cookie' || door === 'wrong-cookie' || door === 'two-cookies'
  if (door !== 'good' && !isCookie) problems.push(`${door} has a live socket`)
  if (!(await socket.until(() => socket.texts.length > 0))) problems.push('a live socket tells nothing')
  if (sent) {
    socket.send(sent.binary ? Buffer.from(sent.text) : sent.text, { binary: sent.binary })
    await socket.until(() => socket.closedWith !== null)
    const expected = Buffer.byteLength(sent.text) > 1_024 ? 1009 : 1008
    if (socket.closedWith !== expected)
      problems.push(`a live socket that was spoken to closed with ${socket.closedWith}`)
  }
  socket.cut()
  for (const text of socket.texts) {
    const event = parseJson(text)
    if (!isObject(event)) problems.push(`no event: ${text.slice(0, 100)}`)
    else if (!isIn || isCookie) {
      if (event['type'] !== 'state' || text.includes('"open"')) problems.push(`${door} was told ${text.slice(0, 100)}`)
    } else problems.push(...saw(turn, true, text))
  }
  return problems
}

/** Locks, sees that nothing can be read, and unlocks. Others meanwhile get the coded answer for that. */
async function playLock(world: World, how: 'lock' | 'lock-twice'): Promise<string[]> {
  const { url } = world.workstation
  const headers = { ...headersAt(world, 'good', true), 'content-type': 'application/json' }
  const post = (path: string, body: unknown) =>
    ask({ url, method: 'POST', path, headers, body: Buffer.from(JSON.stringify(body)) })
  const locks = await Promise.all([post('/api/lock', {}), ...(how === 'lock-twice' ? [post('/api/lock', {})] : [])])
  const problems = locks.flatMap((answer) => httpProblem(answer, true) ?? [])
  const inside = await ask({ url, method: 'GET', path: '/api/counts', headers, body: null })
  if (inside.status !== 401) problems.push(`a locked workstation answered ${inside.status}`)
  const opened = await post('/api/unlock', { password: PASSWORD })
  if (opened.status === 401 && opened.text.includes('request.unauthorised')) {
    // While it was locked, so many new windows came that this one was forgotten: it begins anew, as the page does.
    world.window = await signInAtDesk(url)
  } else if (opened.status !== 200 || !opened.text.includes('"open"')) {
    problems.push(`unlocking answered ${opened.status} ${opened.text.slice(0, 200)}`)
  }
  return problems
}

export const localApi = target<Input>('local-api', inputs, play, async ({ desk, workstation, window }) => {
  const { host } = new URL(workstation.url)
  const headers = { host, cookie: window }
  const deadline = Date.now() + 20_000
  // What waits in the queue must have reached the hub before the two are compared.
  for (;;) {
    const { text, status } = await ask({ url: workstation.url, method: 'GET', path: '/api/queue', headers, body: null })
    const queue = parseJson(text)
    if (isObject(queue) && Array.isArray(queue['waiting']) && queue['waiting'].length === 0) return desk.check()
    if (Date.now() > deadline) return [`the workstation's queue does not empty: ${status} ${text.slice(0, 500)}`]
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})
