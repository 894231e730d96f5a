/**
 * What a team's rows must be: every command that the hub says it accepted, replayed in its order over plain maps. A row
 * that differs was changed by nobody who may; a command that nobody here sent was taken from somebody else's queue.
 */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { isCommandName } from '../../backend/domain/commands.ts'
import { TABLE_NAMES } from '../../backend/domain/rows.ts'
import type { TableName } from '../../backend/domain/rows.ts'
import { maySee } from '../../backend/domain/visibility.ts'
import { fingerprint } from '../../backend/sync/fingerprint.ts'
import { PlainStore } from '../../backend/sync/plain-store.ts'
import type { TableRow } from '../../backend/sync/protocol.ts'
import type { HubDatabase } from '../../backend/hub/core.ts'
import { asSent, parseJson } from './answers.ts'
import { isObject } from './mutate.ts'
import { WORDS } from './sample.ts'

type Entry = {
  n: number
  at: number
  member_id: string
  client_id: string
  seq: number
  command: string
  accepted: boolean
  code: string | null
  fingerprint: string | null
}
type Sent = { name: string; args: unknown; run: number }

/** What only the hub's own commands change. */
const ACCOUNT_EVENTS = ['session.signIn', 'session.signOut', 'session.refresh', 'workstation.remove', 'audit.read']

export class Ledger {
  readonly team: string
  readonly #db: HubDatabase
  readonly #model = new PlainStore()
  readonly #sent = new Map<string, Sent>()
  readonly #queued = new Map<string, Sent>()
  readonly #lastSeq = new Map<string, number>()
  /** Who has been able to see which conversation at any time. */
  readonly #seers = new Set<string>()
  /** Who was sent something of which conversation, and in which input first. */
  readonly #shown = new Map<string, number>()
  readonly #sights = new Map<string, string[]>()
  #audited = 0
  #compared = 0
  accepted = 0
  refused = 0

  constructor(db: HubDatabase, team: string, rows: readonly TableRow[]) {
    this.#db = db
    this.team = team
    for (const [table, row] of rows) this.#model.put(table, row)
    this.#lookAround()
  }

  /** Notes what a frame pushes for the queues whose tokens were shown on its connection. */
  sends(text: string, clients: Iterable<string>, run: number): void {
    const frame = parseJson(asSent(text))
    if (!isObject(frame) || frame['type'] !== 'push' || !Array.isArray(frame['commands'])) return
    for (const command of frame['commands']) {
      if (!isObject(command)) continue
      const { name, args, seq } = command
      if (typeof name !== 'string' || typeof seq !== 'number') continue
      for (const client of clients) this.#sent.set(`${client} ${seq} ${fingerprint(name, args)}`, { name, args, run })
    }
  }

  /** Notes a command that a workstation of ours was told to queue, whatever number it gives it. */
  queues(name: string, args: unknown, run: number): void {
    this.#queued.set(fingerprint(name, args), { name, args, run })
  }

  /** Notes that a member was sent this text. */
  shows(member: string, text: string, run: number): void {
    for (const [, team, conversation] of text.matchAll(WORDS)) {
      const what = team === this.team ? `c${conversation}` : `${team}'s c${conversation}`
      this.#show(member, what, run)
    }
  }

  /** Notes that a member was told of a conversation's being. */
  showsConversation(member: string, id: string, run: number): void {
    this.#show(member, id, run)
  }

  /** The inputs in which a member was sent something of another team: that can be told at once. */
  foreign(member: string, text: string): string | null {
    for (const [word, team] of text.matchAll(WORDS))
      if (team !== this.team) return `${member} of ${this.team} got ${word}`
    return null
  }

  /**
   * Replays what was accepted since the last look and compares, all of one moment: what somebody pushed who left without
   * a word may still be taken while this looks.
   */
  async check(): Promise<string[]> {
    const moment = this.#db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
    return moment.execute(async (db) => {
      const problems: string[] = []
      for (const entry of await this.#entries(db)) problems.push(...this.#replay(entry))
      problems.push(...(await this.#compare(db)), ...this.#checkSight())
      return problems
    })
  }

  /** The conversations that the member saw at the last look. */
  seenBy(member: string): string[] {
    return this.#sights.get(member) ?? []
  }

  #show(member: string, what: string, run: number): void {
    const key = `${member} ${what}`
    if (!this.#shown.has(key)) this.#shown.set(key, run)
  }

  async #entries(db: HubDatabase): Promise<Entry[]> {
    const { rows } = await sql<Entry>`
      select a.n, a.at, a.member_id, a.client_id, a.seq, a.command, a.accepted, a.code, r.fingerprint
      from audit a left join client_result_ever r on r.team_id = a.team_id and r.client_id = a.client_id and r.seq = a.seq
      where a.team_id = ${this.team} and a.n > ${this.#audited} order by a.n`.execute(db)
    this.#audited = rows.at(-1)?.n ?? this.#audited
    return rows.filter(({ command }) => !ACCOUNT_EVENTS.includes(command))
  }

  #replay(entry: Entry): string[] {
    const { client_id: client, seq, member_id: memberId, accepted, code } = entry
    const where = `${this.team} ${client} ${seq} ${entry.command}`
    const expected = (this.#lastSeq.get(client) ?? 0) + 1
    this.#lastSeq.set(client, seq)
    if (seq !== expected) return [`${where}: taken out of turn, ${expected} was next`]
    const sent = this.#sent.get(`${client} ${seq} ${entry.fingerprint}`) ?? this.#queued.get(entry.fingerprint ?? '')
    if (!sent) return [`${where}: nobody sent this for that queue`]
    if (accepted) this.accepted += 1
    else this.refused += 1
    if (!isCommandName(sent.name)) return accepted ? [`${where}: accepted`] : []
    // What an attachment is, only the hub knows.
    if (!accepted && code?.startsWith('attachment.')) return []
    const member = this.#model.all('member').find(({ id }) => id === memberId)
    if (!member) return [`${where}: by nobody of the team`]
    const outcome = this.#model.run(sent.name, sent.args, { actor: this.#model.actor(member), now: entry.at })
    if (outcome.ok !== accepted) {
      return [
        `${where} (input ${sent.run}): the hub says ${code ?? 'yes'}, the rules ${outcome.ok ? 'yes' : outcome.refusal.code}`,
      ]
    }
    if (!outcome.ok) {
      const same = outcome.refusal.code === code || code === 'request.unknownCommand'
      return same ? [] : [`${where} (input ${sent.run}): refused as ${code}, by the rules ${outcome.refusal.code}`]
    }
    if (outcome.changes.some(({ table }) => table === 'conversation' || table === 'member')) this.#lookAround()
    return []
  }

  #lookAround(): void {
    const members = this.#model.all('member')
    const stores = new Map(members.map(({ id, storeIds }) => [id, storeIds]))
    this.#sights.clear()
    for (const conversation of this.#model.all('conversation')) {
      const followers = conversation.followerId ? (stores.get(conversation.followerId) ?? []) : []
      for (const member of members) {
        if (!maySee(conversation, member, followers)) continue
        this.#seers.add(`${member.id} ${conversation.id}`)
        this.#sights.set(member.id, [...(this.#sights.get(member.id) ?? []), conversation.id])
      }
    }
  }

  #checkSight(): string[] {
    const problems = [...this.#shown]
      .filter(([pair]) => !this.#seers.has(pair))
      .map(([pair, run]) => `${this.team}: out of sight, and shown in input ${run}: ${pair}`)
    this.#shown.clear()
    return problems
  }

  async #compare(db: HubDatabase): Promise<string[]> {
    const problems: string[] = []
    let newest = this.#compared
    for (const table of TABLE_NAMES) {
      const { rows } = await sql<{ id: string; version: number; data: string }>`
        select id, version, data::text as data from ${sql.table(table)}
        where team_id = ${this.team} and version > ${this.#compared}`.execute(db)
      for (const { id, version, data } of rows) {
        newest = Math.max(newest, version)
        const model = this.#model.get(table, id)
        if (!isDeepStrictEqual(comparable(JSON.parse(data)), comparable(model))) {
          problems.push(
            `${this.team} ${table} ${id}: ${data.slice(0, 300)} is not ${JSON.stringify(model)?.slice(0, 300)}`,
          )
        }
      }
      const { rows: counts } = await sql<{ count: number }>`
        select count(*) as count from ${sql.table(table)} where team_id = ${this.team}`.execute(db)
      const expected = this.#model.all(table satisfies TableName).length
      if (counts[0]?.count !== expected)
        problems.push(`${this.team} ${table}: ${counts[0]?.count} rows, not ${expected}`)
    }
    this.#compared = newest
    return problems
  }
}

/** Without how far a message has come, which the hub's jobs report. */
function comparable(row: unknown): unknown {
  return isObject(row) && 'delivery' in row ? { ...row, delivery: null } : row
}
