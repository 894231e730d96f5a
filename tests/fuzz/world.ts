/** What is fuzzed: a hub on a PostgreSQL server and a workstation's backend, both real processes, over teams made for it. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ConversationId, MemberId, TeamId } from '../../backend/domain/ids.ts'
import { hashPassword } from '../../backend/hub/accounts/password.ts'
import type { HubDatabase } from '../../backend/hub/core.ts'
import { openDatabase } from '../../backend/hub/store/database.ts'
import { migrate } from '../../backend/hub/store/migrations/index.ts'
import { startSampleServer } from '../../backend/hub/store/sample-server.ts'
import { coreOver } from '../world/hub-parts.ts'
import { newFolder, startWorkstation } from '../world/places.ts'
import { Process } from '../world/process.ts'
import { keepResults } from '../world/results.ts'
import { ask } from './http.ts'
import { HUB_SECRET, seatMembers, tokenOf } from './keys.ts'
import { Ledger } from './ledger.ts'
import { MEMBERS, conversationId, sampleRows, wordOf } from './sample.ts'

/** Inputs that are played at the same time, each from workstations and addresses of its own. */
export const SLOTS = 16
/** The team of the bystanders and of the fuzzed visitors; its channel has the same name. */
export const CAFE = 'cafe'
/** The workstation's team, and who is signed in there. */
export const DESK = 'desk'
export const DESK_MEMBER = 'cs_agent'
export const PASSWORD = 'correct horse 電池'
export const METRICS_TOKEN = 'metrics-token-of-the-fuzz'

const Ready = z.object({ ready: z.literal(true), url: z.string() })

/** The two teams that members of the fuzz act in. They are made anew now and then, before they have become a ruin. */
export type Playground = { shop: Ledger; rival: Ledger; generation: number }

export type World = {
  db: HubDatabase
  hub: Process<{ ready: true; url: string }>
  workstation: Process<{ ready: true; url: string }>
  /** The cookie of the workstation's window in which the member is signed in. */
  window: string
  /** Of the workstation's team. */
  desk: Ledger
  playground: Playground
  /** Makes the next pair of teams the playground. */
  renew(): Promise<void>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.toReversed()) await closer()
  }
  try {
    return Object.assign(await open((closer) => void closers.push(closer)), { close })
  } catch (error) {
    await close()
    throw error
  }
}

async function open(onClose: (closer: () => Promise<void>) => void): Promise<Omit<World, 'close'>> {
  const server = await startSampleServer()
  onClose(() => server.stop())
  const { db, close } = await openDatabase({ databaseUrl: server.databaseUrl })
  onClose(close)
  await migrate(db)
  await keepResults(db)
  await makeTeam(db, CAFE, CAFE)
  await seatMembers(db, CAFE, 1, Date.now())
  const desk = new Ledger(db, DESK, await makeTeam(db, DESK, 'desk-chat'))
  const account = { email: 'desk@shop.example', password_hash: await hashPassword(PASSWORD) }
  await db
    .insertInto('account')
    .values({ ...account, team_id: DESK, member_id: DESK_MEMBER, created_at: Date.now() })
    .execute()

  const root = fileURLToPath(new URL('../../', import.meta.url))
  const hub = await Process.start(
    join(root, 'backend/hub/main.ts'),
    ['--home', await newFolder('fuzz-hub'), '--port', '0'],
    {
      DATABASE_URL: server.databaseUrl,
      COUNTERTOP_HUB_SECRET: HUB_SECRET,
      COUNTERTOP_TRUST_PROXY: '1',
      COUNTERTOP_METRICS_TOKEN: METRICS_TOKEN,
    },
    Ready,
  )
  onClose(() => hub.stop())
  const workstation = await startWorkstation(await newFolder('fuzz-workstation'), hub.url)
  onClose(() => workstation.stop())
  let generation = 0
  const renewed = async () => {
    generation += 1
    return { generation, ...(await makePlayground(db, hub.url, generation)) }
  }
  const world = {
    db,
    hub,
    workstation,
    desk,
    window: await signInAtDesk(workstation.url),
    playground: await renewed(),
    async renew() {
      world.playground = await renewed()
    },
  }
  return world
}

async function makePlayground(db: HubDatabase, hub: string, generation: number) {
  const make = async (kind: string) => {
    const team = `${kind}${generation}`
    const rows = await makeTeam(db, team, `${kind}-chat-${generation}`)
    // The last workstation is for sessions that may end.
    await seatMembers(db, team, SLOTS + 1, Date.now())
    await addFiles(hub, team)
    return new Ledger(db, team, rows)
  }
  return { shop: await make('shop'), rival: await make('rival') }
}

async function makeTeam(db: HubDatabase, team: string, channel: string) {
  const rows = sampleRows(team, channel, Date.now())
  await coreOver(db).importRows(TeamId.parse(team), rows)
  return rows
}

/** Each conversation has a file with its word. */
async function addFiles(hub: string, team: string): Promise<void> {
  const token = await tokenOf({ team, member: 'admin', slot: 0 })
  for (let n = 0; n < 30; n += 3) {
    const { status, text } = await ask({
      url: hub,
      method: 'PUT',
      path: `/attachments/f${n}?conversationId=${conversationId(n)}&name=${wordOf(team, n)}.txt`,
      headers: { host: new URL(hub).host, authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
      body: Buffer.from(`file of ${wordOf(team, n)}`),
    })
    if (status !== 200) throw new Error(`a file could not be added: ${status} ${text}`)
  }
}

/** Signs in at the workstation; gives back the window's cookie when everything is on the device. */
export async function signInAtDesk(url: string): Promise<string> {
  const { host } = new URL(url)
  const state = await ask({ url, method: 'GET', path: '/api/state', headers: { host }, body: null })
  const cookie = String(state.headers['set-cookie'] ?? '').split(';')[0] ?? ''
  const headers = { host, cookie, origin: url, 'content-type': 'application/json' }
  const body = Buffer.from(JSON.stringify({ email: 'desk@shop.example', password: PASSWORD }))
  const answer = await ask({ url, method: 'POST', path: '/api/sign-in', headers, body })
  if (answer.status !== 200) throw new Error(`signing in at the workstation answered ${answer.status} ${answer.text}`)
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const { text } = await ask({ url, method: 'GET', path: '/api/state', headers: { host, cookie }, body: null })
    if (text.includes('"state":"online"')) return cookie
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the workstation did not get online')
}

/** Where a team stands: what a device says in its hello to be told only what is new. */
export async function standingOf({ db }: Pick<World, 'db'>, team: string): Promise<{ version: number; epoch: string }> {
  const row = await db.selectFrom('team_seq').select(['seq', 'epoch']).where('team_id', '=', team).executeTakeFirst()
  return { version: row?.seq ?? 0, epoch: row?.epoch ?? '' }
}

/** What is known of the world, for fields that name something of it. */
export const KNOWN = {
  conversations: Array.from({ length: 31 }, (_, n) => ConversationId.parse(`c${n}`)),
  members: MEMBERS.map((name) => MemberId.parse(name)),
  files: ['f0', 'f3', 'f9', 'f12', 'f15', 'f18', 'f24', 'f27', 'none'],
}
