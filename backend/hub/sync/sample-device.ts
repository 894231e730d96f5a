/** For tests: a workstation over a real socket that keeps what it is sent in a plain map, and nothing else. */
import { WebSocket } from 'ws'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { TableName } from '../../domain/rows.ts'
import { HubFrame, PROTOCOL, SnapshotLine, isHeld } from '../../sync/protocol.ts'
import type { ClientFrame, QueuedCommand, TableRow } from '../../sync/protocol.ts'
import { SMALL_TABLES } from '../../domain/rows.ts'
import type { HubTeam } from './sample-hub-team.ts'

type Patch = Extract<HubFrame, { type: 'patch' }>
type Hello = Extract<ClientFrame, { type: 'hello' }>

export class SampleDevice {
  readonly team: HubTeam
  readonly member: string
  readonly clientId: string
  readonly frames: HubFrame[] = []
  readonly rows = new Map<string, TableRow>()
  readonly results = new Map<number, string>()
  version: number | null = null
  epoch = ''
  lastClientSeq = 0
  resultsKnown = 0
  closedWith: number | null = null
  #ws: WebSocket | null = null
  #parts: Patch[] = []
  #waiting: (() => void)[] = []

  constructor(team: HubTeam, member: string, clientId = `device-${member}`) {
    this.team = team
    this.member = member
    this.clientId = clientId
  }

  /** Connects and, when the hub asks for it, fetches a snapshot and says hello again: ends up live. */
  static async live(team: HubTeam, member: string, clientId?: string): Promise<SampleDevice> {
    const device = new SampleDevice(team, member, clientId)
    await device.connect()
    await device.caughtUp()
    return device
  }

  async connect(): Promise<void> {
    await this.open()
    const welcome = await this.hello()
    if (welcome?.type !== 'welcome' || !welcome.snapshot) return
    await this.snapshot()
    await this.hello()
  }

  /** Opens the socket alone. */
  async open(): Promise<void> {
    const ws = new WebSocket(`${this.team.hub.url.replace('http', 'ws')}/sync`)
    this.#ws = ws
    this.closedWith = null
    ws.on('message', (data) => {
      this.#take(HubFrame.parse(JSON.parse(String(data))))
      this.#changed()
    })
    ws.on('close', (code) => {
      this.closedWith = code
      this.#changed()
    })
    await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
  }

  /** Says hello and gives back the hub's first answer to it. */
  async hello(more: Partial<Hello> = {}): Promise<HubFrame | undefined> {
    const seen = this.frames.length
    this.send({
      type: 'hello',
      protocol: PROTOCOL,
      accessToken: this.team.token(this.member, this.clientId),
      clientId: this.clientId,
      version: this.version,
      epoch: this.epoch,
      resultsAfter: this.resultsKnown,
      ...more,
    })
    await this.until(() => this.frames.length > seen || this.closedWith !== null)
    return this.frames[seen]
  }

  send(frame: ClientFrame): void {
    this.raw(JSON.stringify(frame))
  }

  raw(text: string | Buffer): void {
    this.#ws?.send(text)
  }

  push(...commands: Omit<QueuedCommand, 'at'>[]): void {
    this.send({ type: 'push', commands: commands.map((command) => ({ ...command, at: 0 })) })
  }

  /** Pauses or resumes reading from the socket. */
  pause(paused: boolean): void {
    if (paused) this.#ws?.pause()
    else this.#ws?.resume()
  }

  async close(): Promise<void> {
    this.#ws?.close()
    await this.until(() => this.closedWith !== null)
  }

  /** Fetches a snapshot; stops after `lines` lines as a cut connection would, and gives back what to resume with. */
  async snapshot(resume: { version: number; epoch: string; after: string } | null = null, lines = Infinity) {
    const query = resume ? `?version=${resume.version}&epoch=${resume.epoch}&after=${resume.after}` : ''
    const response = await fetch(`${this.team.hub.url}/sync/snapshot${query}`, {
      headers: {
        authorization: `Bearer ${Buffer.from(this.team.token(this.member, this.clientId)).toString('base64url')}`,
      },
    })
    if (response.status !== 200) throw new Error(`snapshot: ${response.status} ${await response.text()}`)
    const all = (await response.text()).trimEnd().split('\n')
    const taken = all.slice(0, lines).map((line) => SnapshotLine.parse(JSON.parse(line)))
    const place = { version: 0, epoch: '', after: resume?.after ?? '' }
    for (const line of taken) {
      if (line.type === 'begin') [place.version, place.epoch] = [line.version, line.epoch]
      if (line.type === 'scope') this.#keepOnly(new Set(line.conversationIds))
      // The small tables come whole.
      if (line.type === 'reference') this.#forget(SMALL_TABLES)
      if (line.type === 'reference' || line.type === 'conversations') this.#put(line.rows)
      if (line.type === 'conversations' && line.last) place.after = line.last
      if (line.type === 'end') [this.version, this.epoch] = [place.version, place.epoch]
    }
    return { ...place, lines: taken }
  }

  /** Resolves when the device is at the team's version. */
  async caughtUp(): Promise<void> {
    const { db } = this.team.hub.core
    const query = db.selectFrom('team_seq').select('seq').where('team_id', '=', this.team.id)
    const { seq } = await query.executeTakeFirstOrThrow()
    await this.until(() => this.version !== null && this.version >= seq && this.#parts.length === 0)
  }

  /** Waits for a condition, looked at again after each frame. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  ids(table: TableName): string[] {
    return [...this.rows.values()].flatMap(([name, row]) => (name === table ? [row.id] : [])).toSorted()
  }

  /** Everything held, in one order, without what a device drops by itself: messages past the window, contacts of nothing. */
  held(): TableRow[] {
    const rows = [...this.rows.values()]
    const conversations = rows.flatMap(([table, row]) => (table === 'conversation' ? [row] : []))
    const counts = new Map(conversations.map((one) => [one.id, one]))
    const contacts = new Set(conversations.map((one) => one.contactId))
    return rows
      .filter(([table, row]) => {
        if (table === 'contact') return contacts.has(row.id)
        if (table !== 'message') return true
        const conversation = counts.get(row.conversationId)
        return conversation !== undefined && isHeld(row, conversation)
      })
      .toSorted((a, b) => TABLE_NAMES.indexOf(a[0]) - TABLE_NAMES.indexOf(b[0]) || (a[1].id < b[1].id ? -1 : 1))
  }

  #take(frame: HubFrame): void {
    this.frames.push(frame)
    if (frame.type !== 'patch') return
    this.#parts.push(frame)
    if (frame.more) return
    const parts = this.#parts.splice(0)
    for (const part of parts) for (const id of part.evicts) this.#evict(id)
    for (const part of parts) for (const [table, id] of part.removes) this.#remove(table, id)
    for (const part of parts) this.#put(part.puts)
    for (const { seq, refusal } of parts.flatMap((part) => part.results)) this.results.set(seq, refusal.code)
    this.version = frame.version
    this.epoch = frame.epoch
    this.lastClientSeq = frame.lastClientSeq
    this.resultsKnown = frame.lastClientSeq
  }

  #forget(tables: readonly TableName[]): void {
    for (const [key, [table]] of this.rows) if (tables.includes(table)) this.rows.delete(key)
  }

  #put(rows: readonly TableRow[]): void {
    for (const row of rows) this.rows.set(`${row[0]} ${row[1].id}`, row)
  }

  #remove(table: TableName, id: string): void {
    if (table === 'conversation') this.#evict(id)
    else this.rows.delete(`${table} ${id}`)
  }

  #evict(id: string): void {
    for (const [key, [table, row]] of this.rows) {
      const own =
        table === 'conversation' ? row.id : table === 'message' || table === 'mark' ? row.conversationId : null
      if (own === id) this.rows.delete(key)
    }
  }

  #keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.ids('conversation')) if (!ids.has(id)) this.#evict(id)
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
