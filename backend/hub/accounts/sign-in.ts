/** Signing in with an e-mail address and a password, at a workstation. */
import { MemberId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Member, Time } from '../../domain/rows.ts'
import { cleanName } from '../../domain/text.ts'
import { PROTOCOL } from '../../sync/protocol.ts'
import type { Session, SignInRequest } from '../../sync/protocol.ts'
import type { z } from 'zod'
import type { HubTransaction } from '../core.ts'
import { recordEvent } from './audit.ts'
import type { AccountsDeps } from './deps.ts'
import { passwordMatches } from './password.ts'
import { makeStoreKey, openStoreKey } from './store-key.ts'
import { makeRefresh, randomId, signAccess } from './token.ts'

/** How long a session lives without being refreshed, in ms: a workstation may be in a drawer for a month. */
export const SESSION_LIFE = 30 * 24 * 60 * 60 * 1000

export type SessionAnswer = { ok: true; session: Session } | { ok: false; refusal: Refusal }
type Client = { id: string; storeKey: Uint8Array }

/**
 * Signs in: registers the workstation and the member's client on it when they are new, and begins a session. Earlier ones
 * of this client end when the new one is first refreshed: a workstation whose answer was lost goes on with what it has.
 * An unknown address and a wrong password get the same answer after the same work.
 * @param ip where the request came from, for the limits
 */
export async function signIn(
  deps: AccountsDeps,
  request: z.output<typeof SignInRequest>,
  ip: string,
): Promise<SessionAnswer> {
  if (request.protocol !== PROTOCOL) {
    return no(refuse('hub.protocol', { theirs: request.protocol, ours: PROTOCOL }))
  }
  const seconds = await deps.limits.attempt(request.email, ip)
  if (seconds > 0) return no(refuse('signIn.slowed', { seconds }, { instead: 'wait' }))

  // PostgreSQL has no U+0000 and fails when it is asked about one; no address has one either.
  const account = request.email.includes('\0')
    ? undefined
    : await deps.db
        .selectFrom('account')
        .select(['team_id', 'member_id', 'password_hash'])
        .where('email', '=', request.email)
        .executeTakeFirst()
  if (!(await passwordMatches(account?.password_hash, request.password)) || !account) {
    return no(refuse('signIn.wrong', {}))
  }
  await deps.limits.succeeded(request.email, ip)

  const teamId = TeamId.parse(account.team_id)
  const member = await deps.core.row(teamId, 'member', account.member_id)
  if (!member) throw new Error(`account of ${account.team_id} ${account.member_id} has no member`)
  const at = deps.now()
  const workstation = {
    id: request.workstation.id,
    name: cleanName(request.workstation.name) || request.workstation.id,
  }
  const event = {
    teamId,
    memberId: MemberId.parse(account.member_id),
    workstationId: workstation.id,
    clientId: '',
    what: 'session.signIn',
    subject: null,
  } as const
  if (!member.active) {
    const refusal = refuse('signIn.inactive', {})
    await recordEvent(deps.db, { ...event, refused: refusal.code }, at)
    return no(refusal)
  }
  const begun = await deps.db.transaction().execute(async (trx) => {
    if (!(await register(trx, teamId, workstation, at))) {
      const refusal = refuse('workstation.removed', {})
      await recordEvent(trx, { ...event, refused: refusal.code }, at)
      return no(refusal)
    }
    const client = await clientOf(deps, trx, { teamId, memberId: member.id, workstationId: workstation.id }, at)
    const refreshToken = await begin(trx, teamId, client.id, at)
    await recordEvent(trx, { ...event, clientId: client.id, refused: null }, at)
    return { ok: true as const, client, refreshToken }
  })
  if (!begun.ok) return begun
  const { client, refreshToken } = begun
  return {
    ok: true,
    session: await describe(deps, { teamId, member, workstationId: workstation.id, client, refreshToken }),
  }
}

/** The session as the workstation gets it, with a fresh access token. */
export async function describe(
  deps: AccountsDeps,
  session: {
    teamId: TeamId
    member: Member
    workstationId: string
    client: Client
    refreshToken: { sessionId: string; token: string }
  },
): Promise<Session> {
  const { teamId, member, workstationId, client, refreshToken } = session
  const now = deps.now()
  const access = await signAccess(
    deps.secret.key('access-token'),
    { team: teamId, member: member.id, workstation: workstationId, client: client.id, session: refreshToken.sessionId },
    now,
  )
  return {
    teamId,
    member,
    clientId: client.id,
    lastClientSeq: await lastSeq(deps, teamId, client.id),
    accessToken: access.token,
    accessExpiresAt: access.expiresAt,
    refreshToken: refreshToken.token,
    storeKey: Buffer.from(client.storeKey).toString('base64'),
    hubTime: now,
  }
}

/** Whether the workstation may be used: true for a new one and for one that was not removed. */
async function register(
  trx: HubTransaction,
  teamId: TeamId,
  { id, name }: { id: string; name: string },
  at: Time,
): Promise<boolean> {
  const { removed_at } = await trx
    .insertInto('workstation')
    .values({ team_id: teamId, id, name, registered_at: at, removed_at: null })
    .onConflict((conflict) => conflict.columns(['team_id', 'id']).doUpdateSet({ name }))
    .returning('removed_at')
    .executeTakeFirstOrThrow()
  return removed_at === null
}

async function clientOf(
  deps: AccountsDeps,
  trx: HubTransaction,
  { teamId, memberId, workstationId }: { teamId: TeamId; memberId: MemberId; workstationId: string },
  at: Time,
): Promise<Client> {
  const id = randomId()
  // Signing in twice at once finds the same client: the row that is there already is the one that counts.
  const client = await trx
    .insertInto('client')
    .values({
      team_id: teamId,
      id,
      member_id: memberId,
      workstation_id: workstationId,
      store_key: makeStoreKey(deps.secret, teamId, id),
      created_at: at,
    })
    .onConflict((conflict) =>
      conflict.columns(['team_id', 'member_id', 'workstation_id']).doUpdateSet({ workstation_id: workstationId }),
    )
    .returning(['id', 'store_key'])
    .executeTakeFirstOrThrow()
  return { id: client.id, storeKey: openStoreKey(deps.secret, teamId, client.id, client.store_key) }
}

async function begin(trx: HubTransaction, teamId: TeamId, clientId: string, at: Time) {
  const sessionId = randomId()
  const { token, hash } = makeRefresh(teamId, sessionId)
  await trx
    .deleteFrom('session')
    .where('team_id', '=', teamId)
    .where('client_id', '=', clientId)
    .where((row) => row.or([row('expires_at', '<=', at), row('revoked_at', 'is not', null)]))
    .execute()
  await trx
    .insertInto('session')
    .values({
      team_id: teamId,
      id: sessionId,
      client_id: clientId,
      current_hash: hash,
      previous_hash: null,
      previous_until: null,
      created_at: at,
      expires_at: at + SESSION_LIFE,
      revoked_at: null,
      revoked_for: null,
    })
    .execute()
  return { sessionId, token }
}

async function lastSeq({ db }: AccountsDeps, teamId: TeamId, clientId: string): Promise<number> {
  const progress = await db
    .selectFrom('client_progress')
    .select('last_seq')
    .where('team_id', '=', teamId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return progress?.last_seq ?? 0
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
