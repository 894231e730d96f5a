/** What the parts of accounts share. */
import type { Logger } from 'pino'
import type { TeamId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import type { HubCore, HubDatabase, HubTransaction } from '../core.ts'
import type { SignInLimits } from './limits.ts'
import type { HubSecret } from './secret.ts'

export type AccountsDeps = {
  db: HubDatabase
  core: Pick<HubCore, 'row'>
  secret: HubSecret
  limits: SignInLimits
  log: Logger
  /** Milliseconds since 1970. */
  now(): Time
  /** The IP address a request came from, for limits. */
  ipOf(request: { raw: Request; env: unknown }): string
  /** Called when sessions were ended by somebody else than their owner, to close the connections of these clients. */
  onEnded(teamId: TeamId, clientIds: string[], why: Refusal): void
  /** Called with the same within the transaction that ends them, for the connections at other hubs. */
  endingIn?(trx: HubTransaction, teamId: TeamId, clientIds: string[], why: Refusal): Promise<void>
}
