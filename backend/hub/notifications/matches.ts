/**
 * 「LINE UID <> 手機」 (NTF-5): which LINE user has which number. A match is kept by the LINE user's id until there is a contact
 * of it, which the follow event makes (NTF-4), and then given to the contact.
 */
import { sql } from 'kysely'
import { ContactId, TeamId } from '../../domain/ids.ts'
import type { ChannelId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import { seal, unseal } from '../accounts/seal.ts'
import type { HubCore } from '../core.ts'

/** How many are given to their contacts in one go. */
const AT_ONCE = 100
/** How long a match waits for its contact, in ms. */
const WAITS_FOR = 90 * 24 * 60 * 60 * 1000

export type Match = { teamId: TeamId; channelId: ChannelId; notificationId: string; externalId: string; phone: string }

export class PhoneMatches {
  readonly #core: Pick<HubCore, 'db' | 'system'>
  readonly #key: Uint8Array

  /** @param key 32 bytes that seal numbers */
  constructor(core: Pick<HubCore, 'db' | 'system'>, key: Uint8Array) {
    this.#core = core
    this.#key = key
  }

  /**
   * Keeps a match. A link is good once: for the same LINE user again it changes nothing, for another it is refused.
   * @returns whether the link is this user's
   */
  async add({ teamId, channelId, notificationId, externalId, phone }: Match, now: Time): Promise<boolean> {
    const sealed = seal(this.#key, Buffer.from(phone), contextOf(teamId, notificationId))
    await sql`
      insert into phone_match (team_id, notification_id, channel_id, external_id, phone, matched_at)
      values (${teamId}, ${notificationId}, ${channelId}, ${externalId}, ${sealed}, ${now})
      on conflict do nothing`.execute(this.#core.db)
    return (await this.usedBy(teamId, notificationId)) === externalId
  }

  /** Who used the link of a notification; null when nobody has. */
  async usedBy(teamId: TeamId, notificationId: string): Promise<string | null> {
    const row = await this.#core.db
      .selectFrom('phone_match')
      .select('external_id')
      .where('team_id', '=', teamId)
      .where('notification_id', '=', notificationId)
      .executeTakeFirst()
    return row?.external_id ?? null
  }

  /** Whether the contact has it. */
  async isApplied(teamId: TeamId, notificationId: string): Promise<boolean> {
    const row = await this.#core.db
      .selectFrom('phone_match')
      .select('applied_at')
      .where('team_id', '=', teamId)
      .where('notification_id', '=', notificationId)
      .executeTakeFirst()
    return (row?.applied_at ?? null) !== null
  }

  /** Gives matches to the contacts that have come meanwhile. Doing it again changes nothing. */
  async apply(now: Time): Promise<void> {
    const { rows } = await sql<{ team_id: string; notification_id: string; phone: Uint8Array; contact_id: string }>`
      select m.team_id, m.notification_id, m.phone, c.id as contact_id from phone_match as m
      join contact as c on c.team_id = m.team_id and c.external_id = m.external_id and c.channel_id = m.channel_id
      where m.applied_at is null order by m.matched_at limit ${AT_ONCE}`.execute(this.#core.db)
    for (const { team_id, notification_id, phone, contact_id } of rows) {
      const teamId = TeamId.parse(team_id)
      const matchedPhone = Buffer.from(unseal(this.#key, phone, contextOf(teamId, notification_id))).toString()
      const contactId = ContactId.parse(contact_id)
      const described = await this.#core.system(teamId, 'contact.describe', { contactId, matchedPhone })
      if (!described.ok) throw new Error(`contact.describe was refused: ${described.refusal.code}`)
      await this.#core.db
        .updateTable('phone_match')
        .set({ applied_at: now, phone: null })
        .where('team_id', '=', teamId)
        .where('notification_id', '=', notification_id)
        .execute()
    }
  }

  /** Lets go of numbers whose owner never came. */
  async tidy(now: Time): Promise<void> {
    await this.#core.db
      .updateTable('phone_match')
      .set({ applied_at: now, phone: null })
      .where('applied_at', 'is', null)
      .where('matched_at', '<', now - WAITS_FOR)
      .execute()
  }
}

function contextOf(teamId: TeamId, notificationId: string): string {
  return `phone match ${teamId} ${notificationId}`
}
