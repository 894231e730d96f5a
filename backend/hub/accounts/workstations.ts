/** The team's workstations, as an admin sees and removes them (SHF-5: on its next contact a removed one erases itself). */
import type { MemberId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Identity } from '../core.ts'
import { recordEvent } from './audit.ts'
import type { AccountsDeps } from './deps.ts'

export type WorkstationView = {
  id: string
  name: string
  registeredAt: number
  removedAt: number | null
  /** Who has a queue there. */
  memberIds: string[]
}

/** Null when the member is an admin, else the refusal. */
export async function adminOnly(deps: AccountsDeps, teamId: TeamId, memberId: MemberId): Promise<Refusal | null> {
  const member = await deps.core.row(teamId, 'member', memberId)
  return member?.active && member.role === 'admin' ? null : refuse('member.mayNot', {}, { whoCould: ['admin'] })
}

/** Every workstation of the team, removed ones too, oldest first. */
export async function listWorkstations(deps: AccountsDeps, teamId: TeamId): Promise<WorkstationView[]> {
  const workstations = await deps.db
    .selectFrom('workstation')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('registered_at')
    .orderBy('id')
    .execute()
  const clients = await deps.db
    .selectFrom('client')
    .select(['workstation_id', 'member_id'])
    .where('team_id', '=', teamId)
    .orderBy('member_id')
    .execute()
  const members = Map.groupBy(clients, (client) => client.workstation_id)
  return workstations.map((one) => ({
    id: one.id,
    name: one.name,
    registeredAt: one.registered_at,
    removedAt: one.removed_at,
    memberIds: (members.get(one.id) ?? []).map((client) => client.member_id),
  }))
}

/**
 * Removes a workstation: every session there ends now, and nobody can sign in from it again. Removing it twice is
 * the same as once.
 */
export async function removeWorkstation(
  deps: AccountsDeps,
  by: Identity,
  workstationId: string,
): Promise<Refusal | null> {
  const at = deps.now()
  const event = {
    teamId: by.teamId,
    memberId: by.memberId,
    workstationId: by.workstationId,
    clientId: by.clientId,
    what: 'workstation.remove',
    subject: workstationId,
  } as const
  const mayNot = await adminOnly(deps, by.teamId, by.memberId)
  if (mayNot) {
    await recordEvent(deps.db, { ...event, refused: mayNot.code }, at)
    return mayNot
  }
  const why = refuse('workstation.removed', {})
  const ended = await deps.db.transaction().execute(async (trx) => {
    const known = await trx
      .updateTable('workstation')
      .set((eb) => ({ removed_at: eb.fn.coalesce('removed_at', eb.val(at)) }))
      .where('team_id', '=', by.teamId)
      .where('id', '=', workstationId)
      .returning('id')
      .executeTakeFirst()
    if (!known) return null
    const clients = await trx
      .selectFrom('client')
      .select('id')
      .where('team_id', '=', by.teamId)
      .where('workstation_id', '=', workstationId)
      .execute()
    const clientIds = clients.map(({ id }) => id)
    if (clientIds.length > 0) {
      await trx
        .updateTable('session')
        .set({ revoked_at: at, revoked_for: 'workstation', previous_hash: null, previous_until: null })
        .where('team_id', '=', by.teamId)
        .where('client_id', 'in', clientIds)
        .where('revoked_at', 'is', null)
        .execute()
    }
    await recordEvent(trx, { ...event, refused: null }, at)
    await deps.endingIn?.(trx, by.teamId, clientIds, why)
    return clientIds
  })
  if (!ended) return refuse('request.notFound', {})
  deps.onEnded(by.teamId, ended, why)
  return null
}
