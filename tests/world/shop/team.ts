/** The team of a run under load: a small shop with one web chat, and a member of each of three kinds at a counter of their own. */
import { MemberId, TeamId } from '../../../backend/domain/ids.ts'
import type { HubDatabase } from '../../../backend/hub/core.ts'
import { TABLE_NAMES } from '../../../backend/domain/rows.ts'
import { SampleTeam, WEBCHAT } from '../../../backend/sync/sample-team.ts'
import type { TableRow } from '../../../backend/sync/protocol.ts'
import { accountsOver, coreOver } from '../hub-parts.ts'

export const TEAM = TeamId.parse('shop')
export const CHANNEL = WEBCHAT
export const PASSWORD = 'correct horse 電池'
/** Who works: who sees everything, who sees what waits and what is theirs, who sees what is theirs alone. */
export const WORKERS = ['supervisor', 'cs_agent', 'salesperson'] as const
export type Worker = (typeof WORKERS)[number]

/** The member's id; members of this team are named by their role. */
export function memberIdOf(worker: Worker): MemberId {
  return MemberId.parse(worker)
}

export function emailOf(worker: Worker): string {
  return `${worker}@shop.example`
}

/** Writes the team into a new database that has been migrated. */
export async function createTeam(db: HubDatabase, home: string): Promise<void> {
  const core = coreOver(db)
  const { store } = new SampleTeam()
  await core.importRows(
    TEAM,
    TABLE_NAMES.flatMap((table) => store.all(table).map((row) => [table, row] as TableRow)),
  )
  const accounts = accountsOver(db, core, home)
  for (const worker of WORKERS) {
    await accounts.createAccount({
      teamId: TEAM,
      memberId: memberIdOf(worker),
      email: emailOf(worker),
      password: PASSWORD,
    })
  }
}
