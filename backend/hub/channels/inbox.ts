/**
 * What platforms tell us: durable before they are answered, and dealt with after that, in its order, once, whatever is
 * cut or repeated. Many events of a team go into one transaction.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { ChannelId, TeamId } from '../../domain/ids.ts'
import { Delivery } from '../../domain/rows.ts'
import type { Time } from '../../domain/rows.ts'
import { readsOf } from '../../sync/run.ts'
import type { HubCore, SystemCommand, SystemResult } from '../core.ts'
import { traceOf } from '../listeners.ts'
import type { Asker } from '../store/together.ts'
import type { Connected, Connections } from './connections.ts'
import { eventLineId, messageIdOf, sourceIds } from './ids.ts'
import type { ChannelEvent, RawEvent } from './platform.ts'

/** How many events go into one transaction: enough that its cost does not count, few enough that nobody waits for it. */
const AT_ONCE = 100
/** How often, in ms, it is looked for events that another hub took and did not deal with. */
const LOOK_EVERY = 5_000
/** How long, in ms, the ids of events are kept to know repeats by. */
const KEPT = 30 * 24 * 60 * 60 * 1000
/** How long, in ms, an event of which nothing came keeps what it says, to be tried again: whose it is may not be known. */
const FAILED_KEPT = 3 * 24 * 60 * 60 * 1000

/** What other parts of the hub do with events, in the transaction that deals with them. */
export type InboxHooks = {
  /** A notification message was delivered (NTF-2). */
  notified(asker: Asker, place: { teamId: TeamId; channelId: ChannelId }, tag: string): Promise<unknown>
}

type Waiting = { seq: number; channelId: ChannelId; receivedAt: Time; event: string }
/** One event, and what is to be done about it. */
type Step = {
  waiting: Waiting
  commands: SystemCommand[]
  also: ((asker: Asker) => Promise<unknown>)[]
  /** Why nothing is done. `keeps` the event, to be tried again by a later version of the hub. */
  failure: { why: string; keeps: boolean } | null
}

export class Inbox {
  readonly #core: Pick<HubCore, 'db' | 'systemMany'>
  readonly #connections: Pick<Connections, 'of'>
  readonly #hooks: InboxHooks
  readonly #log: Logger
  readonly #clock: () => Time
  readonly #busy = new Map<TeamId, { again: boolean; done: Promise<void> }>()
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(parts: {
    core: Pick<HubCore, 'db' | 'systemMany'>
    connections: Pick<Connections, 'of'>
    hooks: InboxHooks
    log: Logger
    clock: () => Time
  }) {
    this.#core = parts.core
    this.#connections = parts.connections
    this.#hooks = parts.hooks
    this.#log = parts.log
    this.#clock = parts.clock
  }

  /** Begins with what a killed hub left, and with what could not be dealt with by the hub as it was then. */
  async start(): Promise<void> {
    await sql`
      update inbound_event set done_at = null where done_at is not null and event is not null`.execute(this.#core.db)
    const look = () => {
      this.#left().catch((error: unknown) => this.#log.error({ err: traceOf(error) }, 'inbox: could not look'))
    }
    look()
    this.#timer = setInterval(look, LOOK_EVERY)
    this.#timer.unref()
  }

  /** Waits for what is being dealt with and takes up nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearInterval(this.#timer)
    await Promise.all([...this.#busy.values()].map(({ done }) => done))
  }

  /** Keeps events; when it resolves they are durable, and are dealt with soon. Repeats change nothing. */
  async take(place: { teamId: TeamId; channelId: ChannelId }, events: readonly RawEvent[]): Promise<void> {
    if (events.length === 0) return
    const { teamId, channelId } = place
    const rows = JSON.stringify(events.map(({ id, event }) => ({ id: fitting(id), event })))
    await sql`
      insert into inbound_event (team_id, channel_id, event_id, received_at, event)
      select ${teamId}, ${channelId}, r.id, ${this.#clock()}::bigint, r.event
      from json_to_recordset(${rows}::json) as r(id text, event json)
      on conflict do nothing`.execute(this.#core.db)
    this.#deal(teamId)
  }

  /** Forgets the ids of events that are too old to be repeated, and what those said that failed. @returns how many */
  async tidy(): Promise<number> {
    await sql`
      update inbound_event set event = null
      where done_at is not null and event is not null and received_at < ${this.#clock() - FAILED_KEPT}`.execute(
      this.#core.db,
    )
    const { numAffectedRows } = await sql`
      delete from inbound_event where done_at < ${this.#clock() - KEPT}`.execute(this.#core.db)
    return Number(numAffectedRows ?? 0)
  }

  async #left(): Promise<void> {
    const { rows } = await sql<{ team_id: TeamId }>`
      select distinct team_id from inbound_event where done_at is null`.execute(this.#core.db)
    for (const { team_id } of rows) this.#deal(team_id)
  }

  /** Deals with all that waits of a team, after what is being dealt with. */
  #deal(teamId: TeamId): void {
    if (this.#stopped) return
    const busy = this.#busy.get(teamId)
    if (busy) {
      busy.again = true
      return
    }
    const state = { again: true, done: Promise.resolve() }
    this.#busy.set(teamId, state)
    state.done = this.#dealUntilDone(teamId, state)
  }

  async #dealUntilDone(teamId: TeamId, state: { again: boolean }): Promise<void> {
    try {
      while (state.again && !this.#stopped) {
        state.again = false
        if (await this.#dealWithSome(teamId)) state.again = true
      }
    } catch (error) {
      this.#log.error({ err: traceOf(error) }, 'inbox: will be tried again')
    } finally {
      // In the same step in which it was seen that nothing more waits: what comes next finds nobody busy.
      this.#busy.delete(teamId)
    }
  }

  /** @returns whether there is more */
  async #dealWithSome(teamId: TeamId): Promise<boolean> {
    const { rows: waiting } = await sql<Waiting>`
      select seq, channel_id as "channelId", received_at as "receivedAt", event::text as event from inbound_event
      where team_id = ${teamId} and done_at is null order by seq limit ${AT_ONCE}`.execute(this.#core.db)
    if (waiting.length === 0) return false
    const steps: Step[] = []
    for (const one of waiting) steps.push(await this.#stepFor(teamId, one))
    try {
      await this.#run(teamId, steps)
    } catch (error) {
      if (steps.length === 1) throw error
      this.#log.error({ err: traceOf(error) }, 'inbox: one by one')
      for (const step of steps) await this.#runAlone(teamId, step)
    }
    return waiting.length === AT_ONCE
  }

  /** A bug in dealing with one event must not hold up all others for ever. */
  async #runAlone(teamId: TeamId, step: Step): Promise<void> {
    try {
      await this.#run(teamId, [step])
    } catch (error) {
      this.#log.error({ err: traceOf(error) }, 'inbox: an event is left out')
      await this.#run(teamId, [{ ...step, commands: [], also: [], failure: { why: 'bug', keeps: true } }])
    }
  }

  async #run(teamId: TeamId, steps: readonly Step[]): Promise<void> {
    const now = this.#clock()
    const seqs = JSON.stringify(steps.map(({ waiting }) => waiting.seq))
    let own: Step[] = []
    await this.#core.systemMany<Set<number>>(teamId, {
      reads: steps.flatMap(({ commands }) => commands.flatMap(({ name, args }) => readsOf(name, args))),
      // Another hub may have dealt with some of them meanwhile.
      ahead: async (asker) => {
        const { rows } = await sql<{ seq: number }>`
          select seq from inbound_event where team_id = ${teamId} and done_at is null
          and seq in (select value::bigint from json_array_elements_text(${seqs}::json))`.execute(asker)
        return new Set(rows.map(({ seq }) => seq))
      },
      commands: (still) => {
        own = steps.filter(({ waiting }) => still.has(waiting.seq))
        return own.flatMap(({ commands }) => commands)
      },
      also: (asker, results) =>
        Promise.all([
          settle(asker, teamId, ends(own, results), now),
          ...own.flatMap(({ also }) => also.map((one) => one(asker))),
        ]),
    })
  }

  async #stepFor(teamId: TeamId, waiting: Waiting): Promise<Step> {
    const connected = await this.#connections.of({ teamId, channelId: waiting.channelId })
    const nothing = { waiting, commands: [], also: [] }
    if (!connected?.connection.webhook) {
      return { ...nothing, failure: { why: 'unconnected', keeps: true } }
    }
    let events: ChannelEvent[]
    try {
      events = connected.connection.webhook.parse(JSON.parse(waiting.event))
    } catch (error) {
      this.#log.warn({ err: traceOf(error), channel: waiting.channelId }, 'inbox: an event cannot be read')
      return { ...nothing, failure: { why: 'unreadable', keeps: true } }
    }
    const parts = events.map((event) => this.#meaning(connected, event, waiting.receivedAt))
    const why = events.flatMap((event) => (event.type === 'nothing' ? [event.why] : []))
    if (why.length > 0) this.#log.info({ channel: waiting.channelId, why }, 'inbox: nothing to do')
    return {
      waiting,
      commands: parts.flatMap(({ commands }) => commands),
      also: parts.flatMap(({ also }) => also),
      failure: null,
    }
  }

  #meaning({ teamId, channel }: Connected, event: ChannelEvent, receivedAt: Time): Pick<Step, 'commands' | 'also'> {
    const channelId = channel.id
    const only = (command: SystemCommand) => ({ commands: [command], also: [] })
    switch (event.type) {
      case 'message': {
        const { source, from, sentAt, content, replyToken, externalMessageId } = event
        const ids = sourceIds(channelId, source.externalId)
        const messageId = messageIdOf(channelId, externalMessageId)
        // A call that got through late brings a token that is as old as the message.
        const tokenFrom = Math.min(receivedAt, sentAt ?? receivedAt)
        return {
          commands: [
            { name: 'message.receive', args: { channelId, ...source, ...ids, messageId, from, sentAt, content } },
          ],
          also: [keepToken(teamId, ids, replyToken, tokenFrom)],
        }
      }
      case 'follow':
      case 'unfollow': {
        const ids = sourceIds(channelId, event.source.externalId)
        const messageId = eventLineId(channelId, event.eventId)
        const args = { channelId, ...event.source, contactId: ids.contactId, messageId }
        const token = event.type === 'follow' ? event.replyToken : null
        const tokenFrom = event.type === 'follow' ? Math.min(receivedAt, event.at ?? receivedAt) : receivedAt
        return {
          commands: [{ name: `contact.${event.type}`, args }],
          also: [keepToken(teamId, ids, token, tokenFrom)],
        }
      }
      case 'unsend':
        return only({
          name: 'message.unsend',
          args: { messageId: messageIdOf(channelId, event.externalMessageId) },
        })
      case 'progress':
        return only({
          name: 'message.progress',
          args: { messageIds: [event.messageId], delivery: Delivery.parse(event.delivery) },
        })
      case 'health':
        return only({ name: 'channel.health', args: { channelId, problem: event.problem } })
      case 'notified':
        return { commands: [], also: [(asker) => this.#hooks.notified(asker, { teamId, channelId }, event.tag)] }
      case 'nothing':
        return { commands: [], also: [] }
    }
  }
}

/** Keeps the newest reply token of a source's present conversation (see `conversationIdOf`), when there is one. */
function keepToken(teamId: TeamId, ids: ReturnType<typeof sourceIds>, token: string | null, from: Time) {
  return async (asker: Asker): Promise<void> => {
    if (token === null) return
    await sql`
      insert into reply_token (team_id, conversation_id, token, received_at)
      values (${teamId}, coalesce((
          select left(${ids.conversationId}, 56) || '~' || (data ->> 'deletions') from contact
          where team_id = ${teamId} and id = ${ids.contactId} and data ->> 'deletions' <> '0'
        ), ${ids.conversationId}), ${token}, ${from})
      on conflict (team_id, conversation_id) do update
      set token = excluded.token, received_at = excluded.received_at`.execute(asker)
  }
}

/** What became of each event. */
type End = { seq: number; failure: string | null; keeps: boolean }

function ends(steps: readonly Step[], results: readonly SystemResult[]): End[] {
  let at = 0
  return steps.map(({ waiting, commands, failure }) => {
    const own = results.slice(at, at + commands.length)
    at += commands.length
    const refused = own.find((result) => !result.ok)
    const why = failure?.why ?? (refused && !refused.ok ? refused.refusal.code : null)
    return { seq: waiting.seq, failure: why, keeps: failure?.keeps ?? false }
  })
}

/** What was dealt with leaves nothing behind but its id, by which repeats are known. */
async function settle(asker: Asker, teamId: TeamId, of: readonly End[], now: Time): Promise<void> {
  await sql`
    update inbound_event as e set done_at = ${now}, failure = r.failure,
      event = case when r.keeps then e.event end
    from json_to_recordset(${JSON.stringify(of)}::json) as r(seq bigint, failure text, keeps boolean)
    where e.team_id = ${teamId} and e.seq = r.seq`.execute(asker)
}

/** An id of at most 200 characters that a database can hold. */
function fitting(id: string): string {
  return /^[\x20-\x7e]{1,200}$/.test(id) ? id : `~${createHash('sha256').update(id).digest('base64url')}`
}
