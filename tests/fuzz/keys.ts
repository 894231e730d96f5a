/** Whoever speaks in a fuzz run: members at workstations, signed in by rows and tokens that the hub takes for its own. */
import { createHmac, randomBytes } from 'node:crypto'
import { HubSecret } from '../../backend/hub/accounts/secret.ts'
import { seal } from '../../backend/hub/accounts/seal.ts'
import { makeRefresh, signAccess } from '../../backend/hub/accounts/token.ts'
import type { HubDatabase } from '../../backend/hub/core.ts'
import { createVisitorSigner, visitorCookieName } from '../../backend/hub/channels/webchat/visitor.ts'
import { ChannelId, MemberId, TeamId } from '../../backend/domain/ids.ts'
import { MEMBERS } from './sample.ts'

const secretBytes = randomBytes(48)
/** The hub is started with this secret, so that tokens can be made here without signing in. */
export const HUB_SECRET = secretBytes.toString('base64')
const secret = new HubSecret(secretBytes)
const signer = createVisitorSigner(secret.key('visitor'))
/** How long a token is used again, in ms: well under its life. */
const REUSE = 5 * 60 * 1000

/** A member at a workstation. */
export type Seat = { team: string; member: string; slot: number }

export function clientIdOf({ team, member, slot }: Seat): string {
  return `cl-${team}-${member}-${slot}`
}

/** Registers workstations, queues and sessions for every member of the team at `slots` workstations. */
export async function seatMembers(db: HubDatabase, team: string, slots: number, now: number): Promise<void> {
  const numbers = Array.from({ length: slots }, (_, slot) => slot)
  const seats = MEMBERS.flatMap((member) => numbers.map((slot): Seat => ({ team, member, slot })))
  const station = (slot: number) => `station-${slot}`
  await db
    .insertInto('workstation')
    .values(
      numbers.map((slot) => ({ team_id: team, id: station(slot), name: 'x', registered_at: now, removed_at: null })),
    )
    .execute()
  await db
    .insertInto('client')
    .values(
      seats.map((seat) => ({
        team_id: team,
        id: clientIdOf(seat),
        member_id: seat.member,
        workstation_id: station(seat.slot),
        store_key: seal(secret.key('store-key'), randomBytes(32), `${team} ${clientIdOf(seat)}`),
        created_at: now,
      })),
    )
    .execute()
  await db
    .insertInto('session')
    .values(
      seats.map((seat) => {
        const { token, hash } = makeRefresh(team, sessionOf(seat))
        refreshTokens.set(clientIdOf(seat), token)
        return {
          team_id: team,
          id: sessionOf(seat),
          client_id: clientIdOf(seat),
          current_hash: hash,
          previous_hash: null,
          previous_until: null,
          created_at: now,
          expires_at: now + 1_000 * 60 * 60 * 24,
          revoked_at: null,
          revoked_for: null,
        }
      }),
    )
    .execute()
}

const refreshTokens = new Map<string, string>()
const tokens = new Map<string, { token: string; madeAt: number }>()

/** The first refresh token of the seat's session. */
export function refreshTokenOf(seat: Seat): string {
  return refreshTokens.get(clientIdOf(seat)) ?? ''
}

/** An access token that the hub accepts. */
export async function tokenOf(seat: Seat): Promise<string> {
  const known = tokens.get(clientIdOf(seat))
  const now = Date.now()
  if (known && now - known.madeAt < REUSE) return known.token
  const token = await sign(seat, secret.key('access-token'), now)
  tokens.set(clientIdOf(seat), { token, madeAt: now })
  return token
}

/** Tokens that look right and are not. */
export async function badToken(kind: 'expired' | 'forged' | 'unsigned' | 'visitor', seat: Seat): Promise<string> {
  switch (kind) {
    case 'expired':
      return sign(seat, secret.key('access-token'), Date.now() - 60 * 60 * 1000)
    case 'forged':
      return sign(seat, createHmac('sha256', 'guess').digest(), Date.now())
    case 'visitor':
      return sign(seat, secret.key('visitor'), Date.now())
    case 'unsigned': {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const payload = (await tokenOf(seat)).split('.')[1] ?? ''
      return `${part({ alg: 'none' })}.${payload}.`
    }
  }
}

/** A web-chat visitor's cookie, as the hub signs it. */
export function visitorCookie(channel: string, visitorId: string): string {
  const channelId = ChannelId.parse(channel)
  return `${visitorCookieName(channelId)}=${signer.sign(channelId, visitorId, Date.now())}`
}

/** The `n`-th visitor of a fuzz run. */
export function visitorId(n: number): string {
  return `v${String(n).padStart(21, '0')}`
}

async function sign(seat: Seat, key: Uint8Array, now: number): Promise<string> {
  const claims = {
    team: TeamId.parse(seat.team),
    member: MemberId.parse(seat.member),
    workstation: `station-${seat.slot}`,
    client: clientIdOf(seat),
    session: sessionOf(seat),
  }
  return (await signAccess(key, claims, now)).token
}

function sessionOf(seat: Seat): string {
  return `se-${clientIdOf(seat)}`
}
