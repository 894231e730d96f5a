/** The hub over HTTP, as workstations and operators use it. */
import fc from 'fast-check'
import { PROTOCOL, RefreshRequest, SignInRequest, SnapshotLine } from '../../backend/sync/protocol.ts'
import { httpProblem, parseJson } from './answers.ts'
import { oddText, valuesOf } from './arbitrary.ts'
import { askRaw } from './http.ts'
import type { HttpAnswer } from './http.ts'
import { badToken, clientIdOf, refreshTokenOf, tokenOf } from './keys.ts'
import type { Seat } from './keys.ts'
import { isObject } from './mutate.ts'
import { seen } from './pools.ts'
import { make, requestsOf, send } from './requests.ts'
import type { Made, Request, Route } from './requests.ts'
import { MEMBERS } from './sample.ts'
import type { MemberName } from './sample.ts'
import { target } from './target.ts'
import type { Turn } from './target.ts'
import { CAFE, KNOWN, METRICS_TOKEN, SLOTS, standingOf } from './world.ts'
import type { World } from './world.ts'

const KEYS = [
  'good',
  'good',
  'good',
  'good',
  'good',
  'other',
  'rival',
  'none',
  'expired',
  'forged',
  'unsigned',
  'visitor',
  'odd',
  'metrics',
] as const
type Key = (typeof KEYS)[number]
type Input = { member: MemberName; key: Key; request: Request; half: boolean }

const BODY_MAX = 16 * 1024
const conversation = fc.oneof(
  fc.constantFrom<string[]>(...KNOWN.conversations, 'c99'),
  fc.nat(15).map((n) => `@seen+${n}`),
)
const attachment = fc.oneof(fc.constantFrom<string[]>(...KNOWN.files), fc.constant('@fresh'))
const numbers = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 31, 2 ** 53 - 1, 2 ** 53, -1, 0.5, 1e308)).map(String)
const name = fc.oneof(fc.constantFrom('a.txt', 'zqt.pdf', '文件.pdf', 'x'.repeat(255), 'x'.repeat(256)), oddText)
const PDF = [0, 1, 200, 4_000, 100_000]

const routes: Route[] = [
  {
    method: 'POST',
    path: '/auth/sign-in',
    json: valuesOf(SignInRequest, {
      // Rarely one that is checked: that takes a hundred times as long as anything else here.
      email: fc.constantFrom(
        '',
        'a',
        'x'.repeat(300),
        'nobody@shop.example',
        'DESK@shop.example',
        'a\u0000b@example.com',
      ),
      password: fc.constantFrom('', '', '', '', '', '', '', '', 'wrong', 'x'.repeat(1_025)),
      id: fc.constantFrom('station-0', 'station-99', 'new-station'),
      protocol: fc.constantFrom(PROTOCOL, PROTOCOL, PROTOCOL + 1, 0, -1),
    }),
    weight: 2,
  },
  {
    method: 'POST',
    path: '/auth/refresh',
    json: valuesOf(RefreshRequest, { refreshToken: refreshTokens() }),
    weight: 3,
  },
  { method: 'POST', path: '/auth/sign-out', json: valuesOf(RefreshRequest, { refreshToken: refreshTokens() }) },
  {
    method: 'GET',
    path: '/sync/snapshot',
    query: { version: numbers, epoch: fc.constantFrom('', '@epoch', 'x', 'x'.repeat(65)), after: conversation },
    weight: 3,
  },
  {
    method: 'GET',
    path: '/conversations/:id/messages',
    params: { id: conversation },
    query: { before: numbers, limit: numbers },
    weight: 12,
  },
  { method: 'GET', path: '/attachments/:id', params: { id: attachment }, weight: 4 },
  {
    method: 'PUT',
    path: '/attachments/:id',
    params: { id: attachment },
    query: { conversationId: conversation, name },
    bytes: PDF,
    type: 'text/plain',
    weight: 4,
  },
  { method: 'GET', path: '/workstations' },
  {
    method: 'POST',
    path: '/workstations/:id/remove',
    params: { id: fc.constantFrom('spare', 'none', 'x'.repeat(65)) },
  },
  { method: 'GET', path: '/audit', query: { before: numbers, limit: numbers } },
  { method: 'GET', path: '/audit/export', query: { format: fc.constantFrom('csv', 'ndjson', 'xml') } },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/metrics' },
  { method: 'GET', path: '/sync' },
]

const inputs: fc.Arbitrary<Input> = fc.record({
  member: fc.constantFrom(...MEMBERS),
  key: fc.constantFrom(...KEYS),
  request: requestsOf(routes, [BODY_MAX - 1, BODY_MAX, BODY_MAX + 1, 1024 * 1024]),
  half: fc.oneof({ weight: 200, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})

function refreshTokens(): fc.Arbitrary<unknown> {
  return fc.constantFrom(
    '@refresh',
    '@refresh',
    '@refresh:rival',
    'shop1.x.y',
    'x'.repeat(20),
    'x'.repeat(501),
    'a\u0000'.repeat(20),
  )
}

/** Who tried to send up which file where, with a good token; `ok` when it was taken. By team and id. */
type Upload = { member: string; conversation: string; run: number; ok: boolean }
const uploads = new Map<string, Upload[]>()
let fresh = 0

async function play(turn: Turn, { member, key, request, half }: Input): Promise<string[]> {
  const { world, run, slot, address } = turn
  const { shop, rival } = world.playground
  const seat: Seat = { team: shop.team, member, slot }
  const holder: Seat | null =
    key === 'good'
      ? seat
      : key === 'other'
        ? { ...seat, member: 'cs_agent' }
        : key === 'rival'
          ? { ...seat, team: rival.team }
          : null
  const headers: Record<string, string> = { host: new URL(world.hub.url).host, 'x-forwarded-for': address }
  const authorization = await authorizationOf(key, seat, holder)
  if (authorization) headers['authorization'] = authorization
  if (request.body.type === 'json') headers['content-type'] = 'application/json'
  if (request.body.type === 'bytes') headers['content-type'] = 'text/plain'
  const made = await make(request, headers, async (sign) => {
    // Sessions that end are those of a workstation that nobody else sits at.
    if (sign === '@refresh') return refreshTokenOf({ ...seat, slot: SLOTS })
    if (sign === '@refresh:rival') return refreshTokenOf({ ...seat, team: rival.team, slot: SLOTS })
    if (sign === '@fresh') return `u${run}-${fresh++}`
    if (sign === '@epoch') return (await standingOf(world, seat.team)).epoch
    if (sign === '@client') return clientIdOf(seat)
    if (sign.startsWith('@seen+')) return seen(shop.seenBy(member), Number(sign.slice(6)))
    return sign === '@token' ? tokenOf(seat) : sign
  })
  if (half) return halfRequest(world.hub.url, made)
  const upload = holder && request.method === 'PUT' ? noteUpload(holder, made, run) : null
  const answer = await send(world.hub.url, request, made)
  if (upload) upload.ok = answer.status === 200
  const problem = httpProblem(answer, made.isHttp) ?? contentProblem(answer, made)
  return [
    ...(problem ? [`${request.method} ${made.target.slice(0, 200)}: ${problem}`] : []),
    ...sawIn(turn, answer, holder),
  ]
}

async function authorizationOf(key: Key, seat: Seat, holder: Seat | null): Promise<string | null> {
  if (holder) return `Bearer ${await tokenOf(holder)}`
  if (key === 'none') return null
  if (key === 'metrics') return `Bearer ${METRICS_TOKEN}`
  if (key === 'odd') return 'Bearer x'
  return key === 'expired' || key === 'forged' || key === 'unsigned' || key === 'visitor'
    ? `Bearer ${await badToken(key, seat)}`
    : null
}

/** A request that never ends holds nothing up; whoever sent it goes away after a while. */
async function halfRequest(url: string, { headers, target: at }: Made): Promise<string[]> {
  const head = Object.entries(headers).map(([field, value]) => `${field}: ${value}\r\n`)
  await askRaw(
    url,
    [Buffer.from(`POST ${at} HTTP/1.1\r\n${head.join('')}content-length: 100\r\n\r\n{"a`)],
    'wait',
    2_000,
  )
  return []
}

function noteUpload({ team, member }: Seat, { target: at }: Made, run: number): Upload | null {
  const url = URL.parse(at, 'http://hub')
  const id = /^\/attachments\/([^/]+)$/.exec(url?.pathname ?? '')?.[1]
  const to = url?.searchParams.get('conversationId')
  if (!id || !to) return null
  const upload = { member, conversation: to, run, ok: false }
  uploads.set(`${team} ${id}`, [...(uploads.get(`${team} ${id}`) ?? []), upload])
  return upload
}

function contentProblem({ status, text, method }: HttpAnswer, { target: at, isHttp }: Made): string | null {
  if (status !== 200 || method === 'HEAD' || !isHttp) return null
  if (/^\/sync\/snapshot(\?|$)/.test(at)) {
    const lines = text.trimEnd().split('\n')
    const bad = lines.find((line) => !SnapshotLine.safeParse(parseJson(line)).success)
    return bad === undefined ? null : `not a line of a snapshot: ${bad.slice(0, 200)}`
  }
  if (!/^\/conversations\//.test(at)) return null
  const page = parseJson(text)
  return isObject(page) && Array.isArray(page['messages']) ? null : `not a page of messages: ${text.slice(0, 100)}`
}

function sawIn({ world, run }: Turn, { status, text }: HttpAnswer, holder: Seat | null): string[] {
  if (!holder) return /zq[a-z]+\d*c\d+q/.test(text) ? [`nobody was told ${/zq[a-z]+\d*c\d+q/.exec(text)?.[0]}`] : []
  const { shop, rival } = world.playground
  const ledger = holder.team === shop.team ? shop : rival
  const foreign = ledger.foreign(holder.member, text)
  ledger.shows(holder.member, text, run)
  if (status === 200 && text.startsWith('{"type":"begin"')) {
    for (const line of text.trimEnd().split('\n')) {
      const parsed = SnapshotLine.safeParse(parseJson(line)).data
      const ids = parsed?.type === 'scope' ? parsed.conversationIds : []
      for (const id of ids) ledger.showsConversation(holder.member, id, run)
    }
  }
  return foreign ? [foreign] : []
}

/** Every file there is was sent by a member who could see its conversation. */
async function checkFiles({ db, playground: { shop, rival } }: World): Promise<string[]> {
  const problems: string[] = []
  for (const ledger of [shop, rival]) {
    const rows = await db.selectFrom('attachment').selectAll().where('team_id', '=', ledger.team).execute()
    for (const { id, conversation_id: at } of rows) {
      // A file of a saved reply is in no conversation.
      if (at === null) continue
      const tries = (uploads.get(`${ledger.team} ${id}`) ?? []).filter(({ conversation }) => conversation === at)
      if (tries.length === 0 && !/^f\d+$/.test(id)) problems.push(`${ledger.team}: nobody sent the file ${id} to ${at}`)
      for (const { member, run, ok } of tries) if (ok) ledger.showsConversation(member, at, run)
    }
  }
  return problems
}

export const hubHttp = target<Input>('hub-http', inputs, play, async (world) => {
  const files = await checkFiles(world)
  const { shop, rival } = world.playground
  const cafe = await world.db
    .selectFrom('attachment')
    .select('id')
    .where('team_id', '=', CAFE)
    .where('id', 'like', 'u%')
    .execute()
  return [
    ...files,
    ...cafe.map(({ id }) => `${id} is another team's`),
    ...(await shop.check()),
    ...(await rival.check()),
  ]
})
