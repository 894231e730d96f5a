/**
 * Every migration in the order it is run; a database is brought up to date by {@link migrate}.
 *
 * To add one: a file `NNN-name.ts` here that exports `up` and the interface of its tables, a line below under the same
 * name, and the interface in `../schema.ts`. One that has been released is never changed: the next one corrects it.
 */
import { Migrator } from 'kysely/migration'
import type { Migration } from 'kysely/migration'
import type { HubDatabase } from '../../core.ts'
import * as rows from './001-rows.ts'
import * as accounts from './002-accounts.ts'
import * as attachments from './003-attachments.ts'
import * as webchat from './004-webchat.ts'
import * as epochs from './005-epochs.ts'
import * as pruning from './006-pruning.ts'
import * as channels from './007-channels.ts'
import * as templateTimes from './008-template-times.ts'
import * as notifications from './009-notifications.ts'
import * as erasure from './010-erasure.ts'
import * as replies from './011-replies.ts'
import * as collaboration from './012-collaboration.ts'

const MIGRATIONS: Record<string, Migration> = {
  '001-rows': rows,
  '002-accounts': accounts,
  '003-attachments': attachments,
  '004-webchat': webchat,
  '005-epochs': epochs,
  '006-pruning': pruning,
  '007-channels': channels,
  '008-template-times': templateTimes,
  '009-notifications': notifications,
  '010-erasure': erasure,
  '011-replies': replies,
  '012-collaboration': collaboration,
}

/**
 * Brings the database to the newest schema; several hubs that start at once do it one after the other.
 * @throws when a migration fails (nothing of the failed one is kept), or when the database is newer than this hub
 */
export async function migrate(db: HubDatabase): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
