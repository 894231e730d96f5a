/** The parts of a hub without its process: to write a team into a database before a hub is started on it. */
import { pino } from 'pino'
import type { Time } from '../../backend/domain/rows.ts'
import { createAccounts } from '../../backend/hub/accounts/accounts.ts'
import type { Accounts } from '../../backend/hub/accounts/accounts.ts'
import { SignInLimits } from '../../backend/hub/accounts/limits.ts'
import { loadSecret } from '../../backend/hub/accounts/secret.ts'
import { Connections } from '../../backend/hub/channels/connections.ts'
import { PLATFORMS } from '../../backend/hub/channels/platforms.ts'
import type { HubDatabase } from '../../backend/hub/core.ts'
import { createHubCore } from '../../backend/hub/sync/hub-core.ts'
import type { SyncCore } from '../../backend/hub/sync/hub-core.ts'

const log = pino({ level: 'silent' })

/** A core that sends nothing and knows no files. The database has been migrated. */
export function coreOver(db: HubDatabase, clock: () => Time = Date.now): SyncCore {
  return createHubCore({
    db,
    effects: { record: async () => undefined },
    attachments: { check: async () => null },
    log,
    clock,
  })
}

/** @param home of the hub, whose secret the accounts are made with */
export function accountsOver(db: HubDatabase, core: SyncCore, home: string, now: () => Time = Date.now): Accounts {
  const secret = loadSecret(home, undefined)
  const nobody = { ipOf: () => '', onEnded: () => undefined }
  return createAccounts({ db, core, secret, limits: new SignInLimits(), log, now, ...nobody })
}

/** To give channels their accounts with the platforms. @param home of the hub, by whose secret theirs are sealed */
export function connectionsOver(db: HubDatabase, home: string): Connections {
  const key = loadSecret(home, undefined).key('channel-account')
  return new Connections({ db, platforms: PLATFORMS, key, outside: { addresses: {}, clock: Date.now } })
}
