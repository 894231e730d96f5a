/** A team's settings for notification messages. The SMS provider's token is sealed and never leaves the hub again. */
import { sql } from 'kysely'
import { z } from 'zod'
import { ChannelId } from '../../domain/ids.ts'
import type { TeamId } from '../../domain/ids.ts'
import { seal, unseal } from '../accounts/seal.ts'
import type { HubDatabase, HubTransaction } from '../core.ts'
import type { SmsProvider } from './sms.ts'

const Fields = z.record(z.string(), z.string())

export class NotificationSettingsStore {
  readonly #db: HubDatabase
  readonly #key: Uint8Array

  /** @param key 32 bytes that seal the token */
  constructor(db: HubDatabase, key: Uint8Array) {
    this.#db = db
    this.#key = key
  }

  /** Null while the team has none. */
  async sms(teamId: TeamId): Promise<SmsProvider | null> {
    const row = await this.#row(teamId)
    if (!row?.sms_url || !row.sms_token) return null
    const token = Buffer.from(unseal(this.#key, row.sms_token, contextOf(teamId))).toString()
    return { url: row.sms_url, token, fields: Fields.parse(row.sms_fields) }
  }

  /** Which channel a request is for that names none, where the team chose one. */
  async channelId(teamId: TeamId): Promise<ChannelId | null> {
    const row = await this.#row(teamId)
    return row?.channel_id ? ChannelId.parse(row.channel_id) : null
  }

  async setSms(trx: HubTransaction, teamId: TeamId, provider: SmsProvider | null): Promise<void> {
    const token = provider && seal(this.#key, Buffer.from(provider.token), contextOf(teamId))
    const fields = provider && JSON.stringify(provider.fields)
    await sql`
      insert into notification_settings (team_id, sms_url, sms_fields, sms_token)
      values (${teamId}, ${provider?.url ?? null}, ${fields}::json, ${token})
      on conflict (team_id) do update
      set sms_url = excluded.sms_url, sms_fields = excluded.sms_fields, sms_token = excluded.sms_token`.execute(trx)
  }

  async setChannel(trx: HubTransaction, teamId: TeamId, channelId: ChannelId | null): Promise<void> {
    await sql`
      insert into notification_settings (team_id, channel_id) values (${teamId}, ${channelId})
      on conflict (team_id) do update set channel_id = excluded.channel_id`.execute(trx)
  }

  #row(teamId: TeamId) {
    return this.#db.selectFrom('notification_settings').selectAll().where('team_id', '=', teamId).executeTakeFirst()
  }
}

function contextOf(teamId: TeamId): string {
  return `sms provider ${teamId}`
}
