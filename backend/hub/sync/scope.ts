/** Which conversations are on a member's device (ROL-1): the same question asked in SQL, for many, and in memory, for one. */
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { MemberId, StoreId } from '../../domain/ids.ts'
import type { Conversation, Member, Time } from '../../domain/rows.ts'
import { SIGHT, maySee } from '../../domain/visibility.ts'
import { isRecent } from '../../sync/protocol.ts'
import type { Change } from '../../sync/run.ts'
import { changesScope } from '../store/rows.ts'

/** A device's part of the team's data. `horizon`: closed conversations from before are not held. */
export type Scope = { member: Member; horizon: Time }

/** The condition on `conversation as c`; never null. */
export function inScopeSql({ member, horizon }: Scope): RawBuilder<boolean> {
  return sql<boolean>`(${seenSql(member)} is true and (c.status <> 'closed' or c.closed_at >= ${horizon}))`
}

function seenSql(member: Member): RawBuilder<boolean> {
  if (!member.active) return sql<boolean>`false`
  const mine = sql<boolean>`(c.follower_id = ${member.id} or ${member.id} = any(c.collaborator_ids))`
  switch (SIGHT[member.role]) {
    case 'all':
      return sql<boolean>`true`
    case 'pending':
      return sql<boolean>`(c.status in ('pending_person', 'pending_bot') or ${mine})`
    case 'stores':
      return sql<boolean>`(${mine} or c.follower_id in (
        select f.id from member f where f.team_id = c.team_id and f.store_ids && ${member.storeIds}::text[]))`
    case 'own':
      return mine
    case 'none':
      return sql<boolean>`false`
  }
}

/** As {@link inScopeSql}, for one conversation at hand. */
export function inScope(
  conversation: Conversation,
  { member, horizon }: Scope,
  storesOf: (id: MemberId) => readonly StoreId[],
): boolean {
  const stores = conversation.followerId ? storesOf(conversation.followerId) : []
  return maySee(conversation, member, stores) && isRecent(conversation, horizon)
}

/**
 * Whether a change makes the member see other conversations than before, though none of them changed: a sales manager's
 * sight depends on everybody's stores, others' on their own row alone.
 */
export function changesSight(change: Change, member: Member): boolean {
  if (change.table !== 'member' || !changesScope(change)) return false
  return change.id === member.id || (SIGHT[member.role] === 'stores' && change.before !== null)
}
