/** Accounts: who may sign in, and the sessions they hold. The parts are beside this file; this puts them together. */
import type { Hono } from 'hono'
import type { MemberId, TeamId } from '../../domain/ids.ts'
import { SignInRequest } from '../../sync/protocol.ts'
import type { Authenticator } from '../core.ts'
import type { AccountsDeps } from './deps.ts'
import { hashPassword } from './password.ts'
import { accountRoutes } from './routes.ts'
import { createAuthenticator } from './session.ts'

export type NewAccount = { teamId: TeamId; memberId: MemberId; email: string; password: string }

export interface Accounts {
  authenticator: Authenticator
  /**
   * Lets a member sign in with this address and password; for a member that has an account already, replaces both.
   * @throws when the address belongs to another member
   */
  createAccount(account: NewAccount): Promise<void>
  /** `/auth/…`, `/workstations…` and `/audit…`, to be mounted at the root. */
  routes: Hono
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const authenticator = createAuthenticator(deps)
  return {
    authenticator,
    async createAccount({ teamId, memberId, email, password }) {
      const account = {
        email: SignInRequest.shape.email.parse(email),
        password_hash: await hashPassword(password),
      }
      await deps.db
        .insertInto('account')
        .values({ ...account, team_id: teamId, member_id: memberId, created_at: deps.now() })
        .onConflict((conflict) => conflict.columns(['team_id', 'member_id']).doUpdateSet(account))
        .execute()
    },
    routes: accountRoutes(deps, authenticator),
  }
}
