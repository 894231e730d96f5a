/** What becomes of a session after signing in: each access token is checked, refresh tokens rotate, theft ends it. */
import { MemberId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import type { Authenticator, HubDatabase, HubTransaction } from '../core.ts'
import { recordEvent } from './audit.ts'
import type { AccountsDeps } from './deps.ts'
import { SESSION_LIFE, describe, openStoreKey } from './sign-in.ts'
import type { SessionAnswer } from './sign-in.ts'
import { makeRefresh, parseRefresh, sameHash, verifyAccess } from './token.ts'

/** How long the refresh token before the current one may still be used, in ms. */
export const GRACE = 60 * 1000

/** Checks the signature and the time, and that session, workstation and member are still good: one query each call. */
export function createAuthenticator(deps: AccountsDeps): Authenticator {
  return {
    async authenticate(accessToken) {
      const claims = await verifyAccess(deps.secret.key('access-token'), accessToken, deps.now())
      if (claims === 'expired') return no(expired())
      if (claims === 'wrong') return no(refuse('request.unauthorised', {}, { instead: 'sign-in' }))
      const found = await find(deps.db, claims.team, claims.session)
      if (!found || found.client_id !== claims.client) return no(expired())
      const member = await deps.core.row(claims.team, 'member', found.member_id)
      const refusal = stale(found, member?.active ?? false, deps.now())
      if (refusal) return no(refusal)
      return {
        ok: true,
        identity: {
          teamId: claims.team,
          memberId: claims.member,
          workstationId: found.workstation_id,
          clientId: claims.client,
          expiresAt: claims.exp * 1000,
        },
      }
    },
  }
}

/**
 * Takes a refresh token and gives the next one. The one before the current is still good within {@link GRACE} of its
 * first use, as often as the answer is lost: the network may swallow several in a row, and a workstation may die between
 * the hub's answer and its own write. Any other token of the session has been used by somebody before, so one of the two
 * who have it is a thief: the session ends for both.
 */
export async function refresh(deps: AccountsDeps, refreshToken: string): Promise<SessionAnswer> {
  const token = parseRefresh(refreshToken)
  if (!token) return no(expired())
  const now = deps.now()
  // Read outside the transaction: an embedded database has one connection, and `row` would wait for it for ever.
  const holder = await find(deps.db, token.teamId, token.sessionId)
  if (!holder) return no(expired())
  const teamId = TeamId.parse(holder.team_id)
  const member = await deps.core.row(teamId, 'member', holder.member_id)
  if (!member) return no(expired())
  const renewed = await deps.db.transaction().execute(async (trx) => {
    const found = await find(trx, teamId, token.sessionId, 'lock')
    if (!found) return no(expired())
    const refusal = stale(found, member.active, now)
    if (refusal) return no(refusal)

    const isCurrent = sameHash(token.hash, found.current_hash)
    const isPrevious = sameHash(token.hash, found.previous_hash) && now <= (found.previous_until ?? 0)
    if (!isCurrent && !isPrevious) return no(await endForReuse(deps, trx, found, now))

    const next = makeRefresh(teamId, found.id)
    await trx
      .updateTable('session')
      .set({
        current_hash: next.hash,
        // What was given for the previous token and never came back is forgotten; the time runs from its first use.
        ...(isCurrent ? { previous_hash: found.current_hash, previous_until: now + GRACE } : {}),
        expires_at: now + SESSION_LIFE,
      })
      .where('team_id', '=', teamId)
      .where('id', '=', found.id)
      .execute()
    return { ok: true as const, found, token: next.token }
  })
  if (!renewed.ok) {
    if (renewed.refusal.code === 'session.tokenReused') deps.onEnded(teamId, [holder.client_id], renewed.refusal)
    return renewed
  }
  const { found } = renewed
  const session = await describe(deps, {
    teamId,
    member,
    workstationId: found.workstation_id,
    client: { id: found.client_id, storeKey: openStoreKey(deps, teamId, found.client_id, found.store_key) },
    refreshToken: { sessionId: found.id, token: renewed.token },
  })
  return { ok: true, session }
}

/** Ends the session the token belongs to. A token that is not of a living session changes nothing. */
export async function signOut(deps: AccountsDeps, refreshToken: string): Promise<void> {
  const token = parseRefresh(refreshToken)
  if (!token) return
  const now = deps.now()
  await deps.db.transaction().execute(async (trx) => {
    const found = await find(trx, token.teamId, token.sessionId, 'lock')
    if (!found || found.revoked_at !== null) return
    if (!sameHash(token.hash, found.current_hash) && !sameHash(token.hash, found.previous_hash)) return
    await revoke(trx, found, 'sign-out', now)
    await recordEvent(trx, { ...whose(found), what: 'session.signOut', refused: null, subject: null }, now)
  })
}

type Found = NonNullable<Awaited<ReturnType<typeof find>>>

function find(db: HubDatabase | HubTransaction, teamId: string, sessionId: string, lock?: 'lock') {
  const query = db
    .selectFrom('session')
    .innerJoin('client', (join) =>
      join.onRef('client.team_id', '=', 'session.team_id').onRef('client.id', '=', 'session.client_id'),
    )
    .innerJoin('workstation', (join) =>
      join.onRef('workstation.team_id', '=', 'client.team_id').onRef('workstation.id', '=', 'client.workstation_id'),
    )
    .selectAll('session')
    .select(['client.member_id', 'client.workstation_id', 'client.store_key', 'workstation.removed_at'])
    .where('session.team_id', '=', teamId)
    .where('session.id', '=', sessionId)
  return (lock ? query.forUpdate('session') : query).executeTakeFirst()
}

/** Why a session is over, if it is. What ends more than this session is said first. */
function stale(found: Found, active: boolean, now: Time): Refusal | null {
  if (found.removed_at !== null) return refuse('workstation.removed', {})
  if (!active) return refuse('signIn.inactive', {})
  if (found.revoked_for === 'reuse') return reused()
  if (found.revoked_at !== null || found.expires_at <= now) return expired()
  return null
}

async function endForReuse(deps: AccountsDeps, trx: HubTransaction, found: Found, now: Time): Promise<Refusal> {
  const refusal = reused()
  await revoke(trx, found, 'reuse', now)
  await deps.endingIn?.(trx, TeamId.parse(found.team_id), [found.client_id], refusal)
  await recordEvent(trx, { ...whose(found), what: 'session.refresh', refused: refusal.code, subject: null }, now)
  deps.log.warn({ team: found.team_id, client: found.client_id }, 'a refresh token was used again; session ended')
  return refusal
}

async function revoke(trx: HubTransaction, found: Found, why: 'sign-out' | 'reuse', now: Time): Promise<void> {
  await trx
    .updateTable('session')
    .set({ revoked_at: now, revoked_for: why, previous_hash: null, previous_until: null })
    .where('team_id', '=', found.team_id)
    .where('id', '=', found.id)
    .execute()
}

function whose(found: Found) {
  return {
    teamId: TeamId.parse(found.team_id),
    memberId: MemberId.parse(found.member_id),
    workstationId: found.workstation_id,
    clientId: found.client_id,
  }
}

function expired(): Refusal {
  return refuse('session.expired', {}, { instead: 'sign-in' })
}

function reused(): Refusal {
  return refuse('session.tokenReused', {}, { instead: 'sign-in' })
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
