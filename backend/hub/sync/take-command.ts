/** One command of a member's queue, within its transaction: whether it is its turn, the rule, and what is kept of it. */
import { sql } from 'kysely'
import { commands, isCommandName } from '../../domain/commands.ts'
import { refuse } from '../../domain/refusal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Member, Time } from '../../domain/rows.ts'
import { fingerprint } from '../../sync/fingerprint.ts'
import type { QueuedCommand, Version } from '../../sync/protocol.ts'
import { runAsync } from '../../sync/run.ts'
import type { Change, Outcome } from '../../sync/run.ts'
import type { AttachmentCheck, Commit, EffectSink, HubTransaction, Identity } from '../core.ts'
import { parseRow, rowReader, writeChanges } from '../store/rows.ts'

/** What became of a pushed command. */
export type Taken =
  /** Its number is used up, now or when it first came; `refusal` is null when it was accepted. */
  | { type: 'taken'; refusal: Refusal | null }
  /** Its number was used up by another command; nothing changed. */
  | { type: 'conflict'; refusal: Refusal }
  /** It does not follow the last one that was taken; nothing changed. */
  | { type: 'gap'; refusal: Refusal }
  /** The member is no longer active; nothing changed. */
  | { type: 'inactive'; refusal: Refusal }

type Turn = { trx: HubTransaction; identity: Identity; command: QueuedCommand; now: Time }
/** What a transaction came to: its answer, the version it made, and what of that is told; null where there is none. */
export type Done<T> = { value: T } & (
  { version: null; told: null } | { version: Version; told: Pick<Commit, 'changes' | 'taken'> | null }
)
const NOTHING = { version: null, told: null } as const

/**
 * Takes the command if it is its turn.
 * @param version the team's version, whose row the transaction has locked
 */
export async function takeCommand(
  turn: Turn & { version: Version; effects: EffectSink; attachments: AttachmentCheck },
): Promise<Done<Taken>> {
  const { trx, identity, command, now, effects } = turn
  const { teamId } = identity
  const standing = await standingOf(turn)
  const early = notItsTurn(standing, command)
  if (early) return { value: early, ...NOTHING }

  const outcome = await outcomeOf(turn, standing.member)
  if (!outcome.ok) {
    await keep(turn, outcome.refusal, null)
    return { value: { type: 'taken', refusal: outcome.refusal }, ...NOTHING }
  }
  const { changes } = outcome
  if (outcome.effects.length > 0) await effects.record(trx, teamId, outcome.effects)
  const version = changes.length > 0 ? turn.version + 1 : null
  if (version !== null) await writeChanges(trx, teamId, version, changes, now)
  await keep({ trx, identity, command, now }, null, version)
  const value = { type: 'taken', refusal: null } as const
  if (version === null) return { value, ...NOTHING }
  return { value, version, told: { changes, taken: { clientId: identity.clientId, seq: command.seq } } }
}

/** Uses up the number of a command that cannot be run for a bug of ours. */
export async function consumeAsBug(turn: Turn): Promise<Taken> {
  const early = notItsTurn(await standingOf(turn), turn.command)
  if (early) return early
  const refusal = refuse('internal.error', {})
  await keep(turn, refusal, null)
  return { type: 'taken', refusal }
}

type Standing = {
  lastSeq: number
  /** What was taken under this command's number. */
  earlier: { fingerprint: string; refusal: Refusal | null } | null
  member: Member | null
}

async function standingOf({ trx, identity, command }: Turn): Promise<Standing> {
  const { teamId, clientId, memberId } = identity
  const { rows } = await sql<{
    last_seq: number | null
    fingerprint: string | null
    refusal: string | null
    member: string | null
  }>`
    select p.last_seq, r.fingerprint, r.refusal::text as refusal, m.data::text as member
    from (select 1) as one
    left join client_progress p on p.team_id = ${teamId} and p.client_id = ${clientId}
    left join client_result r on r.team_id = ${teamId} and r.client_id = ${clientId} and r.seq = ${command.seq}
    left join member m on m.team_id = ${teamId} and m.id = ${memberId}`.execute(trx)
  const row = rows[0]
  return {
    lastSeq: row?.last_seq ?? 0,
    earlier: row?.fingerprint
      ? { fingerprint: row.fingerprint, refusal: row.refusal ? Refusal.parse(JSON.parse(row.refusal)) : null }
      : null,
    member: row?.member ? parseRow('member', row.member) : null,
  }
}

function notItsTurn({ lastSeq, earlier, member }: Standing, command: QueuedCommand): Taken | null {
  if (!member?.active) return { type: 'inactive', refusal: refuse('signIn.inactive', {}) }
  if (command.seq > lastSeq + 1) return { type: 'gap', refusal: refuse('sync.gap', { expected: lastSeq + 1 }) }
  if (command.seq === lastSeq + 1) return null
  if (earlier?.fingerprint !== fingerprint(command.name, command.args)) {
    return { type: 'conflict', refusal: refuse('sync.conflictingRepeat', {}) }
  }
  return { type: 'taken', refusal: earlier.refusal }
}

async function outcomeOf(turn: Parameters<typeof takeCommand>[0], member: Member | null): Promise<Outcome> {
  const { trx, identity, command, now } = turn
  const { name } = command
  if (!member || !isCommandName(name) || commands[name].by !== 'member') {
    return { ok: false, refusal: refuse('request.unknownCommand', { name }) }
  }
  const context = { actor: { type: 'member', member }, now } as const
  const outcome = await runAsync(name, command.args, context, rowReader(trx, identity.teamId))
  if (!outcome.ok) return outcome
  const refusal = await missingAttachment(turn, outcome.changes)
  return refusal ? { ok: false, refusal } : outcome
}

async function missingAttachment(
  { trx, identity, attachments }: Parameters<typeof takeCommand>[0],
  changes: readonly Change[],
): Promise<Refusal | null> {
  for (const { before, after } of changes) {
    if (before || !after || !('body' in after) || !('attachmentId' in after.body)) continue
    const { attachmentId, name, mime, size } = after.body
    const content = { conversationId: after.conversationId, attachmentId, name, mime, size }
    const refusal = await attachments.check(trx, identity.teamId, content)
    if (refusal) return refusal
  }
  return null
}

/** Result, progress, audit entry and, when rows were written, the team's version: one statement. */
async function keep(
  { trx, identity, command, now }: Turn,
  refusal: Refusal | null,
  version: Version | null,
): Promise<void> {
  const { teamId, clientId, memberId, workstationId } = identity
  const { seq } = command
  const name = isCommandName(command.name) ? command.name : 'unknown'
  await sql`
    with progress as (
        insert into client_progress (team_id, client_id, last_seq) values (${teamId}, ${clientId}, ${seq})
        on conflict (team_id, client_id) do update set last_seq = excluded.last_seq
      ),
      result as (
        insert into client_result (team_id, client_id, seq, fingerprint, refusal)
        values (${teamId}, ${clientId}, ${seq}, ${fingerprint(command.name, command.args)},
          ${refusal && JSON.stringify(refusal)}::json)
      ),
      version as (update team_seq set seq = ${version}::bigint where team_id = ${teamId} and ${version}::bigint is not null)
    insert into audit (team_id, at, member_id, workstation_id, client_id, seq, command, subject_id, accepted, code)
    values (${teamId}, ${now}, ${memberId}, ${workstationId}, ${clientId}, ${seq}, ${name}, ${subjectOf(command.args)},
      ${refusal === null}, ${refusal?.code ?? null})`.execute(trx)
}

/** What the command is about: an id, or null when the arguments name none in the right shape. */
function subjectOf(args: unknown): string | null {
  if (typeof args !== 'object' || args === null) return null
  for (const field of ['conversationId', 'memberId']) {
    const id: unknown = Object.getOwnPropertyDescriptor(args, field)?.value
    if (typeof id === 'string' && /^[A-Za-z0-9_~-]{1,64}$/.test(id)) return id
  }
  return null
}
