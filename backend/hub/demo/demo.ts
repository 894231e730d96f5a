/** Sets up the demo team: made at the first start, found at every other. */
import type { TeamId } from '../../domain/ids.ts'
import type { ChannelId } from '../../domain/ids.ts'
import type { Role, Time } from '../../domain/rows.ts'
import type { TableRow } from '../../sync/protocol.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Attachments } from '../attachments/attachments.ts'
import type { HubCore } from '../core.ts'
import type { NeededFile } from './conversations.ts'
import { histories } from './history.ts'
import { seeded } from './random.ts'
import { demoReplies, replyFolders } from './replies.ts'
import { DEMO_PASSWORD, channels, members, stores, tags, team, webchat } from './team.ts'

export type DemoAccount = { email: string; password: string; role: Role; name: string }
export type DemoTeam = {
  teamId: TeamId
  /** The web chat, on whose page one writes as a customer. */
  channelId: ChannelId
  accounts: DemoAccount[]
}
export type DemoParts = {
  core: Pick<HubCore, 'row' | 'importRows'>
  accounts: Pick<Accounts, 'createAccount'>
  /** Without it the sample has no pictures and documents. */
  attachments?: Pick<Attachments, 'storeFromCustomer'>
  /** Milliseconds since 1970. */
  clock: () => Time
}

const SEED = 20_240_601

/**
 * The demo team with its sample of 2,000 conversations and 40,000 messages; a second call changes nothing. The rows go
 * in last and in one transaction, so that a start that was killed in the middle is done again whole.
 */
export async function createDemoTeam({ core, accounts, attachments, clock }: DemoParts): Promise<DemoTeam> {
  if (!(await core.row(team.id, 'team', team.id))) {
    const { rows, files } = demoRows(clock(), attachments !== undefined)
    for (const { id, email } of members) {
      await accounts.createAccount({ teamId: team.id, memberId: id, email, password: DEMO_PASSWORD })
    }
    if (attachments) await storeFiles(attachments, files)
    await core.importRows(team.id, rows)
  }
  return {
    teamId: team.id,
    channelId: webchat.id,
    accounts: members.map(({ email, role, name }) => ({ email, password: DEMO_PASSWORD, role, name })),
  }
}

/** Every row of the demo team, as it is at its first start, and the files that its messages and saved replies show. */
export function demoRows(now: Time, withFiles: boolean): { rows: TableRow[]; files: NeededFile[] } {
  const rows: TableRow[] = [
    ['team', team],
    ...stores.map((row): TableRow => ['store', row]),
    ...members.map((row): TableRow => ['member', row]),
    ...channels.map((row): TableRow => ['channel', row]),
    ...tags.map((row): TableRow => ['tag', row]),
  ]
  const { replies, files } = demoReplies(now, withFiles)
  rows.push(...replyFolders.map((row): TableRow => ['replyFolder', row]))
  rows.push(...replies.map((row): TableRow => ['reply', row]))
  for (const sample of histories(seeded(SEED), now, withFiles)) {
    rows.push(...sample.rows(now))
    files.push(...sample.files)
  }
  return { rows, files }
}

async function storeFiles(
  attachments: Pick<Attachments, 'storeFromCustomer'>,
  files: readonly NeededFile[],
): Promise<void> {
  for (const { file, ...needed } of files) {
    const { name, mime, bytes } = file
    const upload = { teamId: team.id, ...needed, name, declared: mime, bytes: new Blob([bytes]).stream() }
    // Their conversations come after them.
    const stored = await attachments.storeFromCustomer(upload)
    if (!stored.ok) throw new Error(`the sample's ${name} was refused: ${stored.refusal.code}`)
  }
}
