/**
 * The line between hubs by PostgreSQL's LISTEN and NOTIFY, over one connection of its own. When that breaks it is made
 * anew; what was told meanwhile is lost, so everybody is called to look.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { z } from 'zod'
import { Listeners } from '../listeners.ts'
import { News } from './line.ts'
import type { HubLine } from './line.ts'

const CHANNEL = 'countertop'
/** How many words go out in one statement. */
const AT_ONCE = 200
/** How many may wait to go out; more are dropped, as by a line that is broken. */
const WAITING_MAX = 20_000
/** How long the server may take to connect or to answer, in ms. */
const PATIENCE = 10_000

const Envelope = z.object({
  from: z.string(),
  /** A sign of life, the last one, or news. */
  news: z.union([z.literal('here'), z.literal('gone'), News]),
})
type Envelope = z.infer<typeof Envelope>

/** In ms; tests shorten them. */
export type LineTiming = {
  /** How often a sign of life is given, which is to come back to its giver too. */
  beat: number
  /** After how long without one another hub is gone, and the own line broken. */
  silence: number
  /** The first wait before the line is made anew; each further one is twice as long, up to `backOffTo`. */
  backOffFrom: number
  backOffTo: number
}
const TIMING: LineTiming = { beat: 5_000, silence: 16_000, backOffFrom: 100, backOffTo: 5_000 }

export interface PostgresLine extends HubLine {
  /** Whether other hubs are heard at the moment. */
  isUp(): boolean
  /** Says good-bye and ends the connection. */
  close(): Promise<void>
}

/**
 * Opens the line. The address must lead to one server session: a pool that gives each transaction another session
 * passes nothing on.
 * @throws when the server cannot be reached
 */
export async function openPostgresLine(options: {
  databaseUrl: string
  log: Logger
  /** A name that no other hub has. */
  name?: string
  timing?: Partial<LineTiming>
}): Promise<PostgresLine> {
  const line = new Line(options)
  await line.open()
  return line
}

class Line implements PostgresLine {
  readonly #databaseUrl: string
  readonly #log: Logger
  readonly #name: string
  readonly #timing: LineTiming
  readonly #news: Listeners<[News, string]>
  readonly #missed: Listeners<[]>
  readonly #gone: Listeners<[string]>
  /** When each other hub was last heard of, in ms of the process's own clock. */
  readonly #others = new Map<string, number>()
  #client: pg.Client | null = null
  #waiting: string[] = []
  #sending = false
  #heardOwn = 0
  #failures = 0
  #closed = false
  readonly #heart: NodeJS.Timeout
  #again: NodeJS.Timeout | undefined

  constructor(options: Parameters<typeof openPostgresLine>[0]) {
    const { databaseUrl, log, name = randomUUID(), timing = {} } = options
    this.#databaseUrl = databaseUrl
    this.#log = log
    this.#name = name
    this.#timing = { ...TIMING, ...timing }
    this.#news = new Listeners(log)
    this.#missed = new Listeners(log)
    this.#gone = new Listeners(log)
    this.#heart = setInterval(() => this.#beat(), this.#timing.beat)
    this.#heart.unref()
  }

  /** Connects and listens. */
  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#databaseUrl,
      application_name: 'countertop-line',
      keepAlive: true,
      connectionTimeoutMillis: PATIENCE,
      query_timeout: PATIENCE,
    })
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, null))
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
    } catch (error) {
      await client.end().catch((late: unknown) => this.#log.debug({ err: late }, 'line: a failed connection broke'))
      throw error
    }
    if (this.#closed) return client.end()
    this.#client = client
    this.#failures = 0
    this.#heardOwn = performance.now()
    this.#send('here')
  }

  isUp(): boolean {
    return this.#client !== null
  }

  async tellIn(trx: Parameters<HubLine['tellIn']>[0], news: News): Promise<void> {
    await sql`select pg_notify(${CHANNEL}, ${this.#wrapped(news)})`.execute(trx)
  }

  tell(news: News): void {
    this.#send(news)
  }

  onNews(listener: (news: News, hub: string) => void): () => void {
    return this.#news.add(listener)
  }

  onMissed(listener: () => void): () => void {
    return this.#missed.add(listener)
  }

  onGone(listener: (hub: string) => void): () => void {
    return this.#gone.add(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#heart)
    clearTimeout(this.#again)
    const client = this.#client
    this.#client = null
    if (!client) return
    const bye = client.query(`select pg_notify($1, $2)`, [CHANNEL, this.#wrapped('gone')])
    await bye.catch((error: unknown) => this.#log.info({ err: error }, 'line: nobody was told of the end'))
    await client.end()
  }

  #wrapped(news: Envelope['news']): string {
    return JSON.stringify({ from: this.#name, news } satisfies Envelope)
  }

  #send(news: Envelope['news']): void {
    if (!this.#client) return
    if (this.#waiting.length >= WAITING_MAX) return this.#log.warn('line: too much waits to be told')
    this.#waiting.push(this.#wrapped(news))
    if (!this.#sending) void this.#flush(this.#client)
  }

  /** What comes up while one statement is under way goes out with the next. */
  async #flush(client: pg.Client): Promise<void> {
    this.#sending = true
    try {
      while (this.#waiting.length > 0 && this.#client === client) {
        const words = this.#waiting.splice(0, AT_ONCE)
        await client.query('select pg_notify($1, word) from unnest($2::text[]) as word', [CHANNEL, words])
      }
    } catch (error) {
      this.#lost(client, error)
    } finally {
      this.#sending = false
    }
    // Of a connection that was made anew meanwhile.
    if (this.#client && this.#waiting.length > 0) void this.#flush(this.#client)
  }

  #hear(payload: string): void {
    const envelope = Envelope.safeParse(fromJson(payload))
    // A hub of another version may tell what this one does not know.
    if (!envelope.success) return this.#log.warn('line: a word was not understood')
    const { from, news } = envelope.data
    if (from === this.#name) {
      this.#heardOwn = performance.now()
      return
    }
    if (news === 'gone') return this.#forget(from)
    this.#others.set(from, performance.now())
    if (news !== 'here') this.#news.tell(news, from)
  }

  #beat(): void {
    const now = performance.now()
    for (const [hub, heard] of this.#others) if (now - heard > this.#timing.silence) this.#forget(hub)
    const client = this.#client
    if (client && now - this.#heardOwn > this.#timing.silence) {
      return this.#lost(client, new Error('nothing comes through'))
    }
    this.#send('here')
  }

  #forget(hub: string): void {
    if (this.#others.delete(hub)) this.#gone.tell(hub)
  }

  /** The connection is no good any more; called for each sign of it. */
  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return
    this.#client = null
    this.#waiting = []
    this.#log.warn({ err: error }, 'line: other hubs are not heard any more')
    client.end().catch((late: unknown) => this.#log.debug({ err: late }, 'line: a lost connection broke'))
    for (const hub of this.#others.keys()) this.#forget(hub)
    this.#reopen()
  }

  #reopen(): void {
    const { backOffFrom, backOffTo } = this.#timing
    const wait = Math.min(backOffTo, backOffFrom * 2 ** Math.min(this.#failures, 16))
    this.#failures += 1
    this.#again = setTimeout(() => {
      this.open().then(
        () => {
          if (this.#closed) return
          this.#log.info('line: other hubs are heard again')
          this.#missed.tell()
        },
        (error: unknown) => {
          this.#log.warn({ err: error }, 'line: the database cannot be reached')
          if (!this.#closed) this.#reopen()
        },
      )
    }, wait)
    this.#again.unref()
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema refuses undefined.
    return undefined
  }
}
