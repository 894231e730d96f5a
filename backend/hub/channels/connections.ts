/**
 * The channels' accounts with their platforms, and the connections made of them. Secrets are sealed in the database, with
 * a key of the hub's secret, and never leave the hub.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import type { ChannelId, TeamId } from '../../domain/ids.ts'
import type { Channel, ChannelKind } from '../../domain/rows.ts'
import { seal, unseal } from '../accounts/seal.ts'
import type { HubDatabase } from '../core.ts'
import type { ChannelAccountTable } from '../store/migrations/007-channels.ts'
import { readRow } from '../store/rows.ts'
import type { Asker } from '../store/together.ts'
import { findChannel } from './find-channel.ts'
import type { Account, ChannelPlace, Connection, Outside, Platform } from './platform.ts'

const Fields = z.record(z.string(), z.string())
/** How long a connection is used before its account is looked at again, in ms: another hub may have changed it. */
const LOOK_AGAIN = 5_000

/** A channel with its platform. */
export type Connected = { teamId: TeamId; channel: Channel; connection: Connection }

export type AccountState = {
  /** What is no secret. */
  settings: Record<string, string>
  /** Which secrets are there. */
  secrets: string[]
  /** When the platform last called; null when it never has. */
  calledAt: number | null
  /** When its templates were last read; null when they never were. */
  templatesAt: number | null
}

export class Connections {
  readonly #db: HubDatabase
  readonly #platforms: ReadonlyMap<ChannelKind, Platform>
  readonly #key: Uint8Array
  readonly #outside: Outside
  readonly #open = new Map<string, { until: number; connected: Promise<Connected | null> }>()
  readonly #places = new Map<ChannelId, { until: number; place: ChannelPlace }>()

  /** @param key 32 bytes that seal the secrets */
  constructor(parts: {
    db: HubDatabase
    platforms: ReadonlyMap<ChannelKind, Platform>
    key: Uint8Array
    outside: Outside
  }) {
    this.#db = parts.db
    this.#platforms = parts.platforms
    this.#key = parts.key
    this.#outside = parts.outside
  }

  platform(kind: ChannelKind): Platform | null {
    return this.#platforms.get(kind) ?? null
  }

  /** The channel, connected; null when there is no such channel or it has no account. */
  async of(place: ChannelPlace): Promise<Connected | null> {
    const key = contextOf(place.teamId, place.channelId)
    const now = performance.now()
    const known = this.#open.get(key)
    if (known && known.until > now) return known.connected
    const connected = this.#connect(place)
    this.#open.set(key, { until: now + LOOK_AGAIN, connected })
    // What failed is not remembered.
    connected.catch(() => this.#open.delete(key))
    return connected
  }

  /** As {@link of}, by the channel's id alone: what the platform knows of it. */
  async find(channelId: ChannelId): Promise<Connected | null> {
    const now = performance.now()
    const known = this.#places.get(channelId)
    if (known && known.until > now) return this.of(known.place)
    const found = await findChannel(this.#db, channelId)
    if (!found) return null
    const place = { teamId: found.teamId, channelId }
    this.#places.set(channelId, { until: now + LOOK_AGAIN, place })
    return this.of(place)
  }

  /** Keeps the account; fields that are not given stay as they are. @throws ZodError when it is not whole then */
  async save(teamId: TeamId, channel: Pick<Channel, 'id' | 'kind'>, given: Account, now: number): Promise<void> {
    const platform = this.#platforms.get(channel.kind)
    if (!platform) throw new Error(`no platform for ${channel.kind}`)
    const account = platform.account.parse({ ...(await this.account(teamId, channel.id)), ...given })
    await this.write(this.#db, { teamId, channelId: channel.id }, platform, account, now)
    this.changed({ teamId, channelId: channel.id })
  }

  /** What is kept for the channel, secrets too; null when there is nothing. */
  async account(teamId: TeamId, channelId: ChannelId, asker: Asker = this.#db): Promise<Account | null> {
    const row = await this.#row(teamId, channelId, asker)
    return row && { ...Fields.parse(row.settings), ...this.#unsealed(teamId, channelId, row.secrets) }
  }

  /**
   * Executes at once what keeps an account, which the platform's schema has checked. Call {@link changed} when it is
   * durable.
   */
  async write(asker: Asker, place: ChannelPlace, platform: Platform, account: Account, now: number): Promise<void> {
    const { teamId, channelId } = place
    const isSecret = ([name]: [string, string]) => platform.secrets.includes(name)
    const fields = Object.entries(account)
    const settings = JSON.stringify(Object.fromEntries(fields.filter((field) => !isSecret(field))))
    const secrets = Buffer.from(JSON.stringify(Object.fromEntries(fields.filter(isSecret))))
    const sealed = seal(this.#key, secrets, contextOf(teamId, channelId))
    await sql`
      insert into channel_account (team_id, channel_id, settings, secrets, changed_at)
      values (${teamId}, ${channelId}, ${settings}::json, ${sealed}, ${now})
      on conflict (team_id, channel_id) do update
      set settings = excluded.settings, secrets = excluded.secrets, changed_at = excluded.changed_at`.execute(asker)
  }

  /** Forgets the account and its secrets. */
  async remove(teamId: TeamId, channelId: ChannelId): Promise<void> {
    await this.erase(this.#db, { teamId, channelId })
    this.changed({ teamId, channelId })
  }

  /** Executes at once what forgets an account. Call {@link changed} when it is durable. */
  async erase(asker: Asker, { teamId, channelId }: ChannelPlace): Promise<void> {
    await sql`delete from channel_account where team_id = ${teamId} and channel_id = ${channelId}`.execute(asker)
  }

  /** The next connection is made of what is kept then. */
  changed({ teamId, channelId }: ChannelPlace): void {
    this.#open.delete(contextOf(teamId, channelId))
  }

  /** What may be shown of the account; null when there is none. */
  async state(teamId: TeamId, channel: Pick<Channel, 'id' | 'kind'>): Promise<AccountState | null> {
    const row = await this.#row(teamId, channel.id)
    if (!row) return null
    const secrets = Object.entries(this.#unsealed(teamId, channel.id, row.secrets))
    return {
      settings: Fields.parse(row.settings),
      secrets: secrets.filter(([, value]) => value !== '').map(([name]) => name),
      calledAt: row.called_at,
      templatesAt: row.templates_at,
    }
  }

  /** The platform called. */
  async called(teamId: TeamId, channelId: ChannelId, now: number): Promise<void> {
    await sql`
      update channel_account set called_at = ${now}
      where team_id = ${teamId} and channel_id = ${channelId}`.execute(this.#db)
  }

  /** The channel's templates were read from the platform. */
  async templatesRead({ teamId, channelId }: ChannelPlace, now: number): Promise<void> {
    await sql`
      update channel_account set templates_at = ${now}
      where team_id = ${teamId} and channel_id = ${channelId}`.execute(this.#db)
  }

  /** Every channel with an account. */
  async all(): Promise<ChannelPlace[]> {
    const { rows } = await sql<{ team_id: TeamId; channel_id: ChannelId }>`
      select team_id, channel_id from channel_account order by team_id, channel_id`.execute(this.#db)
    return rows.map((row) => ({ teamId: row.team_id, channelId: row.channel_id }))
  }

  async #connect({ teamId, channelId }: ChannelPlace): Promise<Connected | null> {
    const channel = await readRow(this.#db, teamId, 'channel', channelId)
    const platform = channel && this.#platforms.get(channel.kind)
    if (!platform) return null
    const account = channel.kind === 'webchat' ? {} : await this.account(teamId, channelId)
    const whole = account && platform.account.safeParse(account)
    if (!whole?.success) return null
    return { teamId, channel, connection: platform.connect({ teamId, channelId }, whole.data, this.#outside) }
  }

  async #row(teamId: TeamId, channelId: ChannelId, asker: Asker = this.#db) {
    type Kept = Pick<ChannelAccountTable, 'settings' | 'secrets' | 'called_at' | 'templates_at'>
    const { rows } = await sql<Kept>`
      select settings, secrets, called_at, templates_at from channel_account
      where team_id = ${teamId} and channel_id = ${channelId}`.execute(asker)
    return rows[0] ?? null
  }

  #unsealed(teamId: TeamId, channelId: ChannelId, sealed: Uint8Array): Record<string, string> {
    const bytes = unseal(this.#key, sealed, contextOf(teamId, channelId))
    return Fields.parse(JSON.parse(Buffer.from(bytes).toString()))
  }
}

function contextOf(teamId: TeamId, channelId: ChannelId): string {
  return `channel ${teamId} ${channelId}`
}
