/**
 * From a customer's web chat to a counter's screen: the hub takes a message and commits it to PostgreSQL, the
 * workstation's live socket says what went stale, and its local API answers with the message. Every part is a process of
 * its own. Beside it one commit and one echo over a WebSocket, taken in turn.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { startSampleServer } from '../../../backend/hub/store/sample-server.ts'
import { fileURLToPath } from 'node:url'
import { Process } from '../../world/process.ts'
import { startWorkstation } from '../../world/places.ts'
import { atMost, measured } from '../bench.ts'
import type { Measured, Say } from '../bench.ts'
import { root, withFolder } from '../folders.ts'
import { LocalApi } from '../local-api.ts'
import { median, ratios, rounded, spread, tail } from '../statistics.ts'
import { Customer } from './customer.ts'
import { Reference } from './reference.ts'

const ROUNDS = 5
/** Each visitor may write so many messages in half a minute (the web chat's own limit is 30). */
const MESSAGES_EACH = 22
const CUSTOMERS = 20
const WARM_UP = 2
/** ms between two messages: twenty a second. What comes faster goes to the screen together, on purpose. */
const PACE = 50
const TEXT = '不好意思，想請問一下日常陶杯的霧灰色什麼時候會再到貨呢？謝謝！'

const HubReady = z.object({
  ready: z.literal(true),
  url: z.string(),
  webchat: z.string(),
  accounts: z.array(z.object({ email: z.string(), password: z.string(), role: z.string() })),
})
const EchoReady = z.object({ ready: z.literal(true), url: z.string() })
const Page = z.object({ messages: z.array(z.object({ id: z.string() })) })

type Stages = { committed: number; told: number; shown: number }

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const stops: (() => Promise<void>)[] = []
    try {
      return await run(folder, say, (stop) => void stops.push(stop))
    } finally {
      for (const stop of stops.toReversed()) await stop()
    }
  })
}

async function run(folder: string, say: Say, onEnd: (stop: () => Promise<void>) => void): Promise<Measured> {
  say('propagate: starting PostgreSQL, a hub with the demo team, and a workstation…')
  const server = await startSampleServer()
  onEnd(() => server.stop())
  // Unlike our own processes it does not see that whoever started it is gone.
  process.once('exit', () => void server.stop())
  const hubHome = join(folder, 'hub')
  mkdirSync(hubHome)
  const env = { DATABASE_URL: server.databaseUrl, COUNTERTOP_DEMO: '1', COUNTERTOP_LOG: 'warn' }
  const entry = join(root, 'backend/hub/main.ts')
  const hub = await Process.start(entry, ['--home', hubHome, '--port', '0'], env, HubReady)
  onEnd(() => hub.stop())
  const account = hub.ready.accounts.find(({ role }) => role === 'cs_agent')
  if (!account) throw new Error('the demo team has no agent')
  const workstation = await startWorkstation(join(folder, 'workstation'), hub.url)
  onEnd(() => workstation.stop())
  const screen = await Screen.open(workstation.url, account)
  const echo = await Process.start(fileURLToPath(new URL('echo.ts', import.meta.url)), [], {}, EchoReady)
  onEnd(() => echo.stop())
  const reference = await Reference.open(server.databaseUrl, echo.url)
  onEnd(() => reference.close())
  const customers = await Promise.all(Array.from({ length: CUSTOMERS }, () => Customer.come(hub.ready.webchat)))

  const stages: Stages[][] = []
  const bare: { commit: number; echo: number }[][] = []
  for (let round = -WARM_UP; round < MESSAGES_EACH - WARM_UP; round++) {
    const own: Stages[] = []
    const beside: { commit: number; echo: number }[] = []
    for (const customer of customers) {
      own.push(await screen.follow(customer))
      beside.push(await reference.take(TEXT))
      await new Promise((resolve) => setTimeout(resolve, PACE))
    }
    if (round < 0) continue
    stages.push(own)
    bare.push(beside)
  }
  for (const customer of customers) customer.leave()
  screen.close()

  const each = Math.ceil(stages.length / ROUNDS)
  const inRounds = <T>(series: T[][]) =>
    Array.from({ length: ROUNDS }, (_, i) => series.slice(i * each, (i + 1) * each).flat())
  const shown = inRounds(stages).map((round) => median(round.map((stage) => stage.shown)))
  const least = inRounds(bare).map(
    (round) => median(round.map(({ commit }) => commit)) + median(round.map(({ echo }) => echo)),
  )
  const all = stages.flat()
  say(`propagate: ${rounded(median(shown))} ms, reference ${rounded(median(least))} ms`)
  return measured(atMost(rounded(median(ratios(shown, least))), 3), {
    'customer to screen model, ms': tail(all.map((stage) => stage.shown)),
    'until the customer hears that it is committed, ms': tail(all.map(({ committed }) => committed)),
    'until the workstation says what went stale, ms': tail(all.map(({ told }) => told)),
    'reference: one commit, ms': tail(bare.flat().map(({ commit }) => commit)),
    'reference: one echo, ms': tail(bare.flat().map(({ echo }) => echo)),
    'p50 ratio by round': spread(ratios(shown, least)),
  })
}

/** The screen model: asks the local API again for what the live socket calls stale. */
class Screen {
  readonly #api: LocalApi
  #stale: (id: string) => void = () => undefined
  #close: () => void = () => undefined

  private constructor(api: LocalApi) {
    this.#api = api
  }

  static async open(url: string, { email, password }: { email: string; password: string }): Promise<Screen> {
    const api = new LocalApi(url)
    await api.signIn(email, password)
    const screen = new Screen(api)
    const socket = await api.live((event) => {
      if (event.type === 'conversation') screen.#stale(event.conversationId)
    })
    screen.#close = () => socket.close()
    return screen
  }

  /** The customer writes; resolves when the thread that this screen asks for has the message. */
  follow(customer: Customer): Promise<Stages> {
    return new Promise((resolve, reject) => {
      let told = 0
      const begun = performance.now()
      const since = () => performance.now() - begun
      this.#stale = (conversationId) => {
        told = since()
        this.#ask(conversationId)
          .then(async (ids) => {
            if (!ids.includes(message.id)) return
            const shown = since()
            resolve({ told, shown, committed: await committed })
          })
          .catch(reject)
      }
      const message = customer.write(TEXT)
      const committed = message.accepted.then(since)
    })
  }

  close(): void {
    this.#close()
  }

  async #ask(conversationId: string): Promise<string[]> {
    const page = Page.parse(await this.#api.get(`/api/conversations/${conversationId}/messages`))
    return page.messages.map(({ id }) => id)
  }
}
