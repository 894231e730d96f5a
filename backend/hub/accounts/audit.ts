/** The audit log (ROL-6): what accounts add to it, and reading it whole, page by page. It has no text people wrote. */
import type { MemberId, TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { HubDatabase, HubTransaction } from '../core.ts'

/** What is not a command of the rules; those are written by whoever runs them. */
export type AccountEvent = {
  teamId: TeamId
  memberId: MemberId
  workstationId: string
  /** Empty when there is no queue yet. */
  clientId: string
  what:
    | 'session.signIn'
    | 'session.signOut'
    | 'session.refresh'
    | 'workstation.remove'
    | 'audit.read'
    | 'notificationKey.make'
    | 'notificationKey.revoke'
    | 'smsProvider.change'
    | 'smsProvider.remove'
    | 'smsProvider.test'
    | 'notification.chooseChannel'
  /** What it was done to, when that is not the member's own session. */
  subject: string | null
  /** The code of the refusal, null when it was done. */
  refused: string | null
}

export type AuditEntry = {
  /** Grows with each entry. */
  n: number
  at: Time
  memberId: string
  workstationId: string
  command: string
  subjectId: string | null
  accepted: boolean
  code: string | null
}

/** Adds an entry, in the transaction of what it tells where there is one. */
export async function recordEvent(db: HubDatabase | HubTransaction, event: AccountEvent, at: Time): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      team_id: event.teamId,
      at,
      member_id: event.memberId,
      workstation_id: event.workstationId,
      client_id: event.clientId,
      seq: 0,
      command: event.what,
      subject_id: event.subject,
      accepted: event.refused === null,
      code: event.refused,
    })
    .execute()
}

/** Entries older than `before` (an entry's `n`), newest first, at most `limit`. */
export async function readAudit(
  db: HubDatabase,
  teamId: TeamId,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom('audit')
    .select(['n', 'at', 'member_id', 'workstation_id', 'command', 'subject_id', 'accepted', 'code'])
    .where('team_id', '=', teamId)
    .$if(before !== undefined, (query) => query.where('n', '<', before ?? 0))
    .orderBy('n', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    n: row.n,
    at: row.at,
    memberId: row.member_id,
    workstationId: row.workstation_id,
    command: row.command,
    subjectId: row.subject_id,
    accepted: row.accepted,
    code: row.code,
  }))
}

const PAGE = 1_000
const FIELDS = ['n', 'at', 'memberId', 'workstationId', 'command', 'subjectId', 'accepted', 'code'] as const

/** The whole log, newest first, as lines of JSON or as CSV (RFC 4180; times in ISO 8601), read page by page. */
export async function* exportAudit(db: HubDatabase, teamId: TeamId, format: 'ndjson' | 'csv'): AsyncGenerator<string> {
  if (format === 'csv') yield `${FIELDS.join(',')}\r\n`
  let before: number | undefined
  for (;;) {
    const page = await readAudit(db, teamId, { before, limit: PAGE })
    yield page.map((entry) => (format === 'csv' ? csvLine(entry) : `${JSON.stringify(entry)}\n`)).join('')
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    before = last.n
  }
}

function csvLine(entry: AuditEntry): string {
  const at = new Date(entry.at).toISOString()
  return `${FIELDS.map((field) => csvField(field === 'at' ? at : entry[field])).join(',')}\r\n`
}

/**
 * One field, quoted where it must be. A spreadsheet takes a field that begins with one of these signs for a formula,
 * so such a field gets an apostrophe in front (ids may begin with a minus).
 */
export function csvField(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
