/** API keys of the team's own systems: shown once, and only their hashes kept. */
import { createHash, randomBytes } from 'node:crypto'
import { TeamId } from '../../domain/ids.ts'
import type { MemberId } from '../../domain/ids.ts'
import type { ApiKeyView } from '../../domain/notifications/views.ts'
import type { Time } from '../../domain/rows.ts'
import type { HubDatabase, HubTransaction } from '../core.ts'

const PREFIX = 'ct_'
const SHAPE = /^ct_[\w-]{43}$/
/** How exactly it is kept when a key was last used, in ms. */
const NOTE_EVERY = 60_000

export type KnownKey = { teamId: TeamId; id: string }

/** A new key; the key itself is to be found nowhere afterwards. */
export async function makeKey(
  trx: HubTransaction,
  { teamId, name, by, now }: { teamId: TeamId; name: string; by: MemberId; now: Time },
): Promise<{ key: string; view: ApiKeyView }> {
  const key = `${PREFIX}${randomBytes(32).toString('base64url')}`
  const view = {
    id: randomBytes(12).toString('base64url'),
    name,
    tail: key.slice(-4),
    madeAt: now,
    madeBy: by,
    usedAt: null,
    revokedAt: null,
  }
  await trx
    .insertInto('notification_key')
    .values({
      team_id: teamId,
      id: view.id,
      name,
      hash: hashOf(key),
      tail: view.tail,
      made_at: now,
      made_by: by,
      used_at: null,
      revoked_at: null,
    })
    .execute()
  return { key, view }
}

/** Ends a key at once; false when the team has no such key in use. */
export async function revokeKey(trx: HubTransaction, teamId: TeamId, id: string, now: Time): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('notification_key')
    .set({ revoked_at: now })
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Whose key it is; null for one that is none, or is revoked. */
export async function findKey(db: HubDatabase, key: string, now: Time): Promise<KnownKey | null> {
  if (!SHAPE.test(key)) return null
  const row = await db
    .selectFrom('notification_key')
    .select(['team_id', 'id', 'used_at'])
    .where('hash', '=', hashOf(key))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (!row) return null
  if (now - (row.used_at ?? 0) >= NOTE_EVERY) {
    await db
      .updateTable('notification_key')
      .set({ used_at: now })
      .where('team_id', '=', row.team_id)
      .where('id', '=', row.id)
      .execute()
  }
  return { teamId: TeamId.parse(row.team_id), id: row.id }
}

/** Newest first, revoked ones too. */
export async function listKeys(db: HubDatabase | HubTransaction, teamId: TeamId): Promise<ApiKeyView[]> {
  const rows = await db
    .selectFrom('notification_key')
    .select(['id', 'name', 'tail', 'made_at', 'made_by', 'used_at', 'revoked_at'])
    .where('team_id', '=', teamId)
    .orderBy('made_at', 'desc')
    .orderBy('id')
    .execute()
  return rows.map(({ id, name, tail, ...row }) => ({
    id,
    name,
    tail,
    madeAt: row.made_at,
    madeBy: row.made_by,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
  }))
}

/** The keys are random, so that a plain hash of them tells nothing. */
function hashOf(key: string): Uint8Array {
  return createHash('sha256').update(key).digest()
}
