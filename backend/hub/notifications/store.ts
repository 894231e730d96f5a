/**
 * Notifications in the database: each step is durable before the next begins, so that a hub that was killed is followed by
 * one that knows where it was. Numbers and texts are sealed there, and gone when a notification has ended.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { z } from 'zod'
import { ChannelId, TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import { seal, unseal } from '../accounts/seal.ts'
import type { HubDatabase } from '../core.ts'
import type { Asker } from '../store/together.ts'
import { MEANS, meansAfter } from './course.ts'
import type { Final, Means, Move } from './course.ts'

/** How long nobody else works on what one hub works on, in ms: longer than any call it makes. */
const LEASE = 60_000

const Content = z.strictObject({ phone: z.string(), text: z.string(), sms: z.string().nullable() })
/** `phone` in E.164; `sms` null when it must not go by SMS. */
export type Content = z.infer<typeof Content>

/** One notification that is being worked on. */
export type Taken = {
  teamId: TeamId
  id: string
  channelId: ChannelId
  lease: string
  tag: string
  state: string
  means: Means
  content: Content
}
/** What is known of one of its means. */
export type Try = {
  state: string
  target: string | null
  attempts: number
  maybe: boolean
  begunAt: Time
  deliveredAt: Time | null
}

export class NotificationStore {
  readonly #db: HubDatabase
  readonly #key: Uint8Array

  /** @param key 32 bytes that seal numbers and texts */
  constructor(db: HubDatabase, key: Uint8Array) {
    this.#db = db
    this.#key = key
  }

  /** Keeps a new one; false when there is one under the same idempotency key. */
  async add(one: {
    teamId: TeamId
    id: string
    channelId: ChannelId
    idempotencyKey: string
    digest: Uint8Array
    tag: string
    content: Content
    now: Time
  }): Promise<boolean> {
    const { teamId, id, channelId, idempotencyKey, digest, tag, now } = one
    const content = seal(this.#key, Buffer.from(JSON.stringify(one.content)), contextOf(teamId, id))
    const { numAffectedRows } = await sql`
      insert into notification
        (team_id, id, channel_id, idempotency_key, digest, tag, content, state, means, due_at, created_at)
      values (${teamId}, ${id}, ${channelId}, ${idempotencyKey}, ${digest}, ${tag}, ${content}, 'queued', 'push', ${now},
        ${now})
      on conflict (team_id, idempotency_key) do nothing`.execute(this.#db)
    return (numAffectedRows ?? 0n) > 0n
  }

  /** What was asked for under an idempotency key. */
  async asked(teamId: TeamId, idempotencyKey: string): Promise<{ id: string; digest: Uint8Array } | null> {
    const row = await this.#db
      .selectFrom('notification')
      .select(['id', 'digest'])
      .where('team_id', '=', teamId)
      .where('idempotency_key', '=', idempotencyKey)
      .executeTakeFirst()
    return row ?? null
  }

  /**
   * Takes the one that is due longest, for nobody else to work on meanwhile.
   * @param full teams of which enough is being worked on
   */
  async take(now: Time, full: readonly TeamId[]): Promise<Taken | null> {
    const lease = randomUUID()
    const { rows } = await sql<{
      team_id: string
      id: string
      channel_id: string
      tag: string
      state: string
      means: string
      content: Uint8Array
    }>`
      update notification as n set lease = ${lease}, lease_until = ${now + LEASE}
      from (
        select team_id, id from notification
        where ended_at is null and due_at <= ${now} and (lease_until is null or lease_until <= ${now})
          and not team_id in (select json_array_elements_text(${JSON.stringify(full)}::json))
        order by due_at limit 1 for update skip locked
      ) as due
      where n.team_id = due.team_id and n.id = due.id
      returning n.team_id, n.id, n.channel_id, n.tag, n.state, n.means, n.content`.execute(this.#db)
    const [row] = rows
    if (!row) return null
    const teamId = TeamId.parse(row.team_id)
    const { id, tag, state } = row
    const opened = Buffer.from(unseal(this.#key, row.content, contextOf(teamId, id))).toString()
    return {
      teamId,
      id,
      channelId: ChannelId.parse(row.channel_id),
      lease,
      tag,
      state,
      means: z.enum(MEANS).parse(row.means),
      content: Content.parse(JSON.parse(opened)),
    }
  }

  /** For a database that no other hub uses: what a killed one was working on is free. */
  async freeAll(): Promise<void> {
    await sql`
      update notification set lease = null, lease_until = null
      where ended_at is null and lease is not null`.execute(this.#db)
  }

  async tries({ teamId, id }: Pick<Taken, 'teamId' | 'id'>): Promise<Partial<Record<Means, Try>>> {
    const rows = await this.#db
      .selectFrom('notification_try')
      .select(['means', 'state', 'target', 'attempts', 'maybe', 'begun_at', 'delivered_at'])
      .where('team_id', '=', teamId)
      .where('notification_id', '=', id)
      .execute()
    return Object.fromEntries(
      rows.map(({ means, state, target, attempts, maybe, begun_at, delivered_at }) => [
        means,
        { state, target, attempts, maybe, begunAt: begun_at, deliveredAt: delivered_at },
      ]),
    )
  }

  /**
   * Keeps, before anything leaves, that something is about to. What is still marked so at the next attempt was on its way
   * when a hub died.
   * @param target of a push: who it is for, from the first attempt on
   */
  async fly({ teamId, id, channelId, means }: Taken, target: string | null, now: Time): Promise<void> {
    await sql`
      insert into notification_try
        (team_id, notification_id, means, channel_id, state, target, attempts, maybe, begun_at)
      values (${teamId}, ${id}, ${means}, ${channelId}, 'flying', ${target}, 1, false, ${now})
      on conflict (team_id, notification_id, means) do update
      set maybe = notification_try.maybe or notification_try.state = 'flying',
        state = case when notification_try.state = 'delivered' then 'delivered' else 'flying' end,
        attempts = notification_try.attempts + 1`.execute(this.#db)
  }

  /** Goes to another means without having tried this one. */
  async skip(taken: Taken, to: Means): Promise<void> {
    await sql`
      update notification set means = ${to}
      where team_id = ${taken.teamId} and id = ${taken.id} and lease = ${taken.lease}`.execute(this.#db)
  }

  /**
   * Keeps what an attempt came to, and lets go of the notification. Does nothing when another hub has taken it over
   * meanwhile. A delivery that LINE has told of wins over everything else.
   */
  async settle(taken: Taken, move: Move, now: Time): Promise<void> {
    const { teamId, id, means, lease } = taken
    await this.#db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ delivered: boolean }>`
        select exists (
          select from notification_try as t
          where t.team_id = n.team_id and t.notification_id = n.id and t.delivered_at is not null
        ) as delivered
        from notification as n where team_id = ${teamId} and id = ${id} and lease = ${lease} for update of n`.execute(
        trx,
      )
      const [row] = rows
      if (!row) return
      await keepTry(trx, taken, move, now)
      const next = move.follows.type === 'next' ? meansAfter(means, taken.content.sms !== null) : null
      if (row.delivered) return end(trx, taken, 'delivered', now)
      if (move.follows.type === 'end') return end(trx, taken, move.follows.state, now)
      if (move.follows.type === 'next' && next === null) return end(trx, taken, 'failed', now)
      const { state, dueAt } = {
        again: { state: 'queued', dueAt: 'at' in move.follows ? move.follows.at : now },
        wait: { state: 'waiting', dueAt: 'until' in move.follows ? move.follows.until : now },
        next: { state: 'queued', dueAt: now },
      }[move.follows.type]
      await sql`
        update notification set state = ${state}, means = ${next ?? means}, due_at = ${dueAt}, lease = null,
          lease_until = null
        where team_id = ${teamId} and id = ${id}`.execute(trx)
    })
  }

  /** It has been delivered, as LINE told while nobody worked on it. */
  async delivered(taken: Taken, now: Time): Promise<void> {
    await this.#db.transaction().execute((trx) => end(trx, taken, 'delivered', now))
  }

  /** Its course, for whoever asked for it; null when the team has none of this id. */
  async course(teamId: TeamId, id: string) {
    const one = await this.#db
      .selectFrom('notification')
      .select(['id', 'channel_id', 'state', 'created_at', 'ended_at'])
      .where('team_id', '=', teamId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!one) return null
    const tries = await this.#db
      .selectFrom('notification_try')
      .select([
        'means',
        'state',
        'code',
        'platform_code',
        'attempts',
        'begun_at',
        'accepted_at',
        'delivered_at',
        'ended_at',
      ])
      .where('team_id', '=', teamId)
      .where('notification_id', '=', id)
      .orderBy('begun_at')
      .execute()
    const order: readonly string[] = MEANS
    return {
      id: one.id,
      channelId: one.channel_id,
      state: one.state,
      createdAt: one.created_at,
      endedAt: one.ended_at,
      tries: tries
        .toSorted((a, b) => order.indexOf(a.means) - order.indexOf(b.means))
        .map((tried) => ({
          means: tried.means,
          state: tried.state === 'flying' ? 'trying' : tried.state,
          code: tried.code,
          platformCode: tried.platform_code,
          attempts: tried.attempts,
          begunAt: tried.begun_at,
          acceptedAt: tried.accepted_at,
          deliveredAt: tried.delivered_at,
          endedAt: tried.ended_at,
        })),
    }
  }

  /** Which notification an add-friend link is of. */
  async ofLink(id: string): Promise<{ teamId: TeamId; channelId: ChannelId } | null> {
    const row = await this.#db
      .selectFrom('notification')
      .select(['team_id', 'channel_id'])
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? { teamId: TeamId.parse(row.team_id), channelId: ChannelId.parse(row.channel_id) } : null
  }

  /** Forgets what ended before `before`. @returns how many */
  async tidy(before: Time): Promise<number> {
    const { numAffectedRows } = await sql`
      with gone as (delete from notification where ended_at < ${before} returning team_id, id)
      delete from notification_try as t using gone
      where t.team_id = gone.team_id and t.notification_id = gone.id`.execute(this.#db)
    return Number(numAffectedRows ?? 0)
  }
}

/**
 * LINE has told that a notification message was delivered (NTF-2): in one statement, for the transaction that deals with the
 * event. A tag that is none of ours changes nothing.
 */
export async function markDelivered(
  asker: Asker,
  { teamId, channelId }: { teamId: TeamId; channelId: ChannelId },
  tag: string,
  now: Time,
): Promise<void> {
  await sql`
    with mine as (
        select team_id, id from notification
        where team_id = ${teamId} and channel_id = ${channelId} and tag = ${tag} for update
      ),
      told as (
        update notification_try as t set state = 'delivered', code = null, delivered_at = ${now}, ended_at = ${now},
          accepted_at = coalesce(accepted_at, ${now})
        from mine
        where t.team_id = mine.team_id and t.notification_id = mine.id and t.means = 'pnp' and t.delivered_at is null
        returning t.team_id, t.notification_id
      )
    update notification as n set due_at = ${now} from told
    where n.team_id = told.team_id and n.id = told.notification_id and n.ended_at is null`.execute(asker)
}

async function keepTry(asker: Asker, { teamId, id, channelId, means }: Taken, move: Move, now: Time): Promise<void> {
  const { state, code, platformCode, maybe } = move.try
  const acceptedAt = state === 'accepted' ? now : null
  const endedAt = state === 'trying' || state === 'accepted' ? acceptedAt : now
  await sql`
    insert into notification_try
      (team_id, notification_id, means, channel_id, state, code, platform_code, attempts, maybe, begun_at, accepted_at,
        ended_at)
    values (${teamId}, ${id}, ${means}, ${channelId}, ${state}, ${code}, ${cut(platformCode)}, 0, ${maybe}, ${now},
      ${acceptedAt}, ${endedAt})
    on conflict (team_id, notification_id, means) do update
    set state = excluded.state, code = excluded.code, platform_code = excluded.platform_code, maybe = excluded.maybe,
      accepted_at = coalesce(notification_try.accepted_at, excluded.accepted_at), ended_at = excluded.ended_at
    where notification_try.delivered_at is null`.execute(asker)
}

/** Ends it for good; number, texts and whom a push was for are gone with that. */
async function end(asker: Asker, { teamId, id, lease }: Taken, state: Final, now: Time): Promise<void> {
  await sql`
    with ended as (
      update notification set state = ${state}, content = null, ended_at = ${now}, lease = null, lease_until = null
      where team_id = ${teamId} and id = ${id} and lease = ${lease} and ended_at is null
      returning team_id, id
    )
    update notification_try as t set target = null from ended
    where t.team_id = ended.team_id and t.notification_id = ended.id`.execute(asker)
}

function cut(words: string | null): string | null {
  return words === null ? null : words.slice(0, 200).toWellFormed()
}

function contextOf(teamId: TeamId, id: string): string {
  return `notification ${teamId} ${id}`
}
