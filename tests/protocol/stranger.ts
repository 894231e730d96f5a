/** A client of the hub, written from the protocol's document alone. */
import { hash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

type Json = string | number | boolean | null | Json[] | { [field: string]: Json }
type Rows = [table: string, row: { id: string; [field: string]: Json }][]
type Command = { seq: number; name: string; args: Json; at: number }
type Result = { seq: number; refusal: { code: string; params: { [name: string]: Json } } }
type Place = { hub: string; folder: string; account: { email: string; password: string }; signal: AbortSignal }
type Texts = Record<'type' | 'epoch' | 'clientId' | 'accessToken' | 'refreshToken' | 'last' | 'lastFingerprint', string>
type Numbers = Record<'protocol' | 'version' | 'n' | 'lastClientSeq' | 'horizon', number>
type Lists = Record<'rows' | 'puts', Rows> & Record<'conversationIds' | 'evicts', string[]> & { results: Result[] }
/** What the hub says, in an answer, a line or a frame: each has those of these fields that the document gives it. */
type Said = Texts &
  Numbers &
  Lists & { removes: string[][]; more: boolean; snapshot: boolean; error: Result['refusal'] }

const COPY = { version: null as number | null, epoch: '', from: { version: 0, epoch: '' }, after: '', rows: [] as Rows }
const QUEUE = { given: 0, told: 0, resultsAfter: 0, waiting: [] as Command[], refused: [] as (Command & Result)[] }
const LARGE = ['contact', 'conversation', 'message', 'mark']
const OVER = ['session.expired', 'session.tokenReused', 'request.unauthorised']
const FINAL = ['signIn.wrong', 'signIn.inactive', 'workstation.removed']

/** What tells a command from another one of the same number. */
export function fingerprint({ name, args }: { name: string; args: Json }): string {
  const canonical = (value: Json): Json => {
    if (Array.isArray(value)) return ['[', ...value.map(canonical)]
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.keys(value).toSorted()
    return ['{', ...fields.map((field) => [field, canonical(value[field] ?? null)])]
  }
  return hash('sha256', JSON.stringify([name, canonical(args)]), 'base64')
}

/** A member's device: a copy of what they may see and a queue of what they do, in one file that is written whole. */
export class Stranger {
  /** The file. `given` is the last number given, `told` the last one told, `from` and `after` a snapshot under way. */
  state = { workstation: randomUUID() as string, clientId: '', refreshToken: '', ...COPY, ...QUEUE }
  readonly #place: Place
  #live: WebSocket | undefined
  #frames: Said[] = []
  #n = 0
  #tries = 0
  #why: Partial<Result['refusal']> = {}
  #renewing: Promise<string> | undefined

  constructor(place: Place) {
    const file = `${place.folder}/stranger.json`
    this.#place = place
    this.#save(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as typeof this.state) : {})
  }

  /** Connects and stays connected, until the signal or a refusal for good; answers with the code of that. */
  async run(): Promise<string> {
    for (const { signal } = this.#place; ; this.#why = {}) {
      await this.#visit().catch(() => undefined)
      const { code = '', params } = this.#why
      if (code === 'workstation.removed') this.#save({ workstation: randomUUID(), refreshToken: '', ...COPY, ...QUEUE })
      if (signal.aborted || FINAL.includes(code)) return code
      const wait = Number(params?.['seconds'] ?? Math.min(30, 0.1 * 2 ** this.#tries++)) * (1 + Math.random() / 4)
      await sleep(wait * 1_000, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Does something: it is on disk when this returns, and goes to the hub as soon as that can be reached. */
  add(name: string, args: Json): void {
    const command = { seq: this.state.given + 1, name, args, at: Date.now() }
    this.#save({ given: command.seq, waiting: [...this.state.waiting, command] })
    this.#push([command])
  }

  /** Changes the tokens, also that of the open connection, one change at a time; answers with the access token. */
  renew(): Promise<string> {
    return (this.#renewing ??= this.#signIn().finally(() => (this.#renewing = undefined)))
  }

  async #signIn(): Promise<string> {
    const { refreshToken, workstation: id, clientId, told } = this.state
    const account = { ...this.#place.account, workstation: { id, name: 'Stranger' }, protocol: 1 }
    const body = JSON.stringify(refreshToken ? { refreshToken } : account)
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const answer = await this.#fetch(refreshToken ? '/auth/refresh' : '/auth/sign-in', init).catch((error: Error) => {
      if (OVER.includes(error.message)) this.#save({ refreshToken: '' })
      throw error
    })
    const said = (await answer.json()) as Said
    if (said.clientId === clientId) this.#save({ told: Math.max(said.lastClientSeq, told) })
    else this.#save({ ...this.#numbered(said.lastClientSeq), clientId: said.clientId, version: null, after: '' })
    this.#save({ refreshToken: said.refreshToken })
    this.#live?.send(JSON.stringify({ type: 'renew', accessToken: said.accessToken }))
    return said.accessToken
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const answer = await fetch(new URL(path, this.#place.hub), { ...init, signal: this.#place.signal })
    if (answer.ok) return answer
    this.#why = ((await answer.json()) as Partial<Said>).error ?? {}
    throw new Error(this.#why.code)
  }

  async #visit(): Promise<void> {
    const accessToken = await this.renew()
    if (this.state.version === null) await this.#fetchSnapshot(accessToken)
    const { clientId, version, epoch, resultsAfter } = this.state
    if (version === null) return
    const socket = new WebSocket(new URL('/sync', this.#place.hub), { perMessageDeflate: false })
    const quiet = setTimeout(() => socket.terminate(), 40_000)
    const renewal = setInterval(() => void this.renew().catch(() => socket.terminate()), 300_000)
    const hello = { type: 'hello', protocol: 1, accessToken, clientId, version, epoch, resultsAfter }
    socket.on('open', () => socket.send(JSON.stringify(hello)))
    socket.on('ping', () => quiet.refresh())
    socket.on('message', (data: Buffer) => this.#takeFrame(JSON.parse(data.toString()) as Said, socket))
    socket.on('close', (code) => {
      if (code === 4001) this.#why = { params: { seconds: 300 } }
    })
    socket.on('error', () => socket.terminate())
    await once(socket, 'close', { signal: this.#place.signal }).finally(() => {
      this.#live = undefined
      socket.terminate()
      clearTimeout(quiet)
      clearInterval(renewal)
    })
  }

  async #fetchSnapshot(accessToken: string): Promise<void> {
    const { from, after } = this.state
    const query = new URLSearchParams(after ? { version: `${from.version}`, epoch: from.epoch, after } : {})
    const init = { headers: { authorization: `Bearer ${accessToken}` } }
    const { body } = await this.#fetch(`/sync/snapshot?${query.toString()}`, init)
    let rest = ''
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#takeLine(JSON.parse(line) as Said)
    }
  }

  #takeLine({ type, version, epoch, conversationIds, rows, last }: Said): void {
    const { from, after } = this.state
    const ids = new Set<Json>(conversationIds ?? rows?.map(([table, { id }]) => table === 'conversation' && id))
    const goesOn = version === from.version && epoch === from.epoch
    if (type === 'begin') this.#save({ version: null, from: { version, epoch }, after: goesOn ? after : '' })
    if (type === 'scope') this.#save({ rows: this.#rows((table, { id }) => table !== 'conversation' || ids.has(id)) })
    if (type === 'reference') this.#save({ rows: this.#rows((table) => LARGE.includes(table), rows) })
    if (type === 'conversations') {
      const news = this.#rows((_, { conversationId = '' }) => !ids.has(conversationId), rows)
      this.#save({ rows: news, after: last ?? after })
    }
    if (type === 'end') this.#save({ ...from, after: '' })
  }

  #takeFrame(frame: Said, socket: WebSocket): void {
    if (frame.type === 'error') this.#why = frame.error
    if (frame.type === 'resync') this.#save({ version: null })
    if (frame.type === 'welcome') this.#takeWelcome(frame, socket)
    if (frame.type === 'patch' && this.#live) {
      this.#frames.push(frame)
      if (frame.n !== ++this.#n) socket.terminate()
      else if (!frame.more) this.#takePatch(this.#frames.splice(0), frame)
    }
    if (this.state.version === null) socket.terminate()
  }

  #takeWelcome(welcome: Said, socket: WebSocket): void {
    const { protocol, lastClientSeq: last, lastFingerprint, horizon, snapshot } = welcome
    if (protocol !== 1) return socket.terminate()
    const { told, given, waiting, version } = this.state
    const same = waiting.find(({ seq }) => seq === last)
    const isCopied = last > given || (same && fingerprint(same) !== lastFingerprint)
    const queue = last < told || isCopied ? this.#numbered(last) : { told: last }
    const rows = this.#rows((_, { closedAt }) => Number(closedAt ?? horizon) >= horizon)
    this.#save({ ...queue, rows, version: last < told || snapshot ? null : version })
    if (this.state.version === null) return
    this.#live = socket
    this.#frames = []
    this.#n = 0
    this.#push(this.state.waiting.filter(({ seq }) => seq > last))
  }

  #takePatch(frames: Said[], { version, epoch, lastClientSeq: last }: Said): void {
    const { told, waiting, refused } = this.state
    this.#tries = 0
    const results = frames.flatMap((frame) => frame.results)
    const news = results.flatMap(({ seq, refusal }) => {
      const command = waiting.find((each) => each.seq === seq)
      return command ? [{ ...command, refusal }] : []
    })
    const evicts = frames.flatMap((frame) => frame.evicts).map((id) => `conversation ${id}`)
    const gone = new Set([...evicts, ...frames.flatMap((frame) => frame.removes).map((each) => each.join(' '))])
    const puts = frames.flatMap((frame) => frame.puts)
    const rows = this.#rows((table, { id }) => !gone.has(`${table} ${id}`), puts)
    const queue = { resultsAfter: last, told: Math.max(last, told), waiting: waiting.filter(({ seq }) => seq > last) }
    this.#save({ version, epoch, rows, ...queue, refused: [...refused, ...news] })
  }

  /** Eight of the longest texts fit a frame. */
  #push(commands: Command[]): void {
    for (let at = 0; at < commands.length; at += 8)
      this.#live?.send(JSON.stringify({ type: 'push', commands: commands.slice(at, at + 8) }))
  }

  #numbered(last: number) {
    const waiting = this.state.waiting.map((command, index) => ({ ...command, seq: last + 1 + index }))
    return { waiting, given: last + waiting.length, told: last, resultsAfter: last }
  }

  /** The rows to keep and the news, without what has lost its conversation or is not of the newest 200 messages. */
  #rows(isKept: (table: string, row: Rows[number][1]) => boolean, news: Rows = []): Rows {
    const tidy = (all: Rows): Rows => {
      const rows = new Map(all.map((each) => [`${each[0]} ${each[1].id}`, each]))
      const contacts = new Set(all.map(([, { contactId }]) => contactId))
      return [...rows.values()].filter(([table, { id, conversationId, ordinal = Infinity }]) => {
        if (typeof conversationId !== 'string') return table !== 'contact' || contacts.has(id)
        return Number(ordinal) > Number(rows.get(`conversation ${conversationId}`)?.[1]['messageCount']) - 200
      })
    }
    return tidy([...tidy(this.state.rows.filter((each) => isKept(...each))), ...news])
  }

  #save(changes: Partial<typeof this.state>): void {
    const { folder } = this.#place
    const state = { ...this.state, ...changes }
    writeFileSync(`${folder}/stranger.new`, JSON.stringify(state), { flush: true })
    renameSync(`${folder}/stranger.new`, `${folder}/stranger.json`)
    const directory = openSync(folder, 'r')
    fsyncSync(directory)
    closeSync(directory)
    this.state = state
  }
}
