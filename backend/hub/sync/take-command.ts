/** One command of a member's queue, within its transaction: whether it is its turn, the rule, and what is kept of it. */
import { sql } from 'kysely'
import { commands, isCommandName } from '../../domain/commands.ts'
import { refuse } from '../../domain/refusal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { replyFiles } from '../../domain/replies/files.ts'
import { attachmentOf } from '../../domain/rows.ts'
import type { Member, Team, Time } from '../../domain/rows.ts'
import { fingerprint } from '../../sync/fingerprint.ts'
import type { QueuedCommand, Version } from '../../sync/protocol.ts'
import { runAsync } from '../../sync/run.ts'
import type { Change, Outcome } from '../../sync/run.ts'
import type { AttachmentCheck, Commit, EffectSink, HubTransaction, Identity } from '../core.ts'
import { parseRow, rowReader, writeChanges } from '../store/rows.ts'
import type { Asker } from '../store/together.ts'

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

type Turn = { standing: Standing; identity: Identity; command: QueuedCommand; now: Time }
/**
 * What a transaction comes to: its answer, the version it makes, and what of that is told; null where there is none.
 * `write` executes what is still to be written, at once and without waiting, and resolves when all of it is.
 */
export type Done<T> = { value: T; write: (asker: Asker) => Promise<unknown> } & (
  { version: null; told: null } | { version: Version; told: Pick<Commit, 'changes' | 'taken'> | null }
)
export const NOTHING = { version: null, told: null, write: async () => undefined } as const

/**
 * Takes the command if it is its turn.
 * @param version the team's version, whose row the transaction has locked
 */
export async function takeCommand(
  turn: Turn & { trx: HubTransaction; version: Version; effects: EffectSink; attachments: AttachmentCheck },
): Promise<Done<Taken>> {
  const { trx, identity, command, now, effects } = turn
  const { teamId } = identity
  const early = notItsTurn(turn)
  if (early) return { value: early, ...NOTHING }

  const outcome = await outcomeOf(turn)
  if (!outcome.ok) return refused(turn, outcome.refusal)
  const { changes } = outcome
  if (outcome.effects.length > 0) await effects.record(trx, teamId, outcome.effects)
  const value = { type: 'taken', refusal: null } as const
  if (changes.length === 0) return { value, ...NOTHING, write: (asker) => keep(asker, turn, null, null) }
  const version = turn.version + 1
  return {
    value,
    version,
    told: { changes, taken: { clientId: identity.clientId, seq: command.seq } },
    write: (asker) =>
      Promise.all([writeChanges(asker, teamId, version, changes, now), keep(asker, turn, null, version)]),
  }
}

/** Uses up the number of a command that cannot be run for a bug of ours. */
export function consumeAsBug(turn: Turn): Done<Taken> {
  const early = notItsTurn(turn)
  return early ? { value: early, ...NOTHING } : refused(turn, refuse('internal.error', {}))
}

function refused(turn: Turn, refusal: Refusal): Done<Taken> {
  return { value: { type: 'taken', refusal }, ...NOTHING, write: (asker) => keep(asker, turn, refusal, null) }
}

/** Where a queue and its member stand, before a command. */
type Standing = {
  lastSeq: number
  /** What was taken under this command's number. */
  earlier: { fingerprint: string; refusal: Refusal | null } | null
  member: Member | null
  /** Null for a team that has no row of its own yet. */
  team: Team | null
}

/** Reads where the queue of a command and its member stand. */
export async function standingOf(asker: Asker, identity: Identity, command: QueuedCommand): Promise<Standing> {
  const { teamId, clientId, memberId } = identity
  const { rows } = await sql<{
    last_seq: number | null
    fingerprint: string | null
    refusal: string | null
    member: string | null
    team: string | null
  }>`
    select p.last_seq, r.fingerprint, r.refusal::text as refusal, m.data::text as member,
      t.data::text as team
    from (select 1) as one
    left join client_progress p on p.team_id = ${teamId} and p.client_id = ${clientId}
    left join client_result r on r.team_id = ${teamId} and r.client_id = ${clientId} and r.seq = ${command.seq}
    left join team t on t.team_id = ${teamId}
    left join member m on m.team_id = ${teamId} and m.id = ${memberId}`.execute(asker)
  const row = rows[0]
  return {
    lastSeq: row?.last_seq ?? 0,
    earlier: row?.fingerprint
      ? { fingerprint: row.fingerprint, refusal: row.refusal ? Refusal.parse(JSON.parse(row.refusal)) : null }
      : null,
    member: row?.member ? parseRow('member', row.member) : null,
    team: row?.team ? parseRow('team', row.team) : null,
  }
}

function notItsTurn({ standing, command }: Turn): Taken | null {
  const { lastSeq, earlier, member } = standing
  if (!member?.active) return { type: 'inactive', refusal: refuse('signIn.inactive', {}) }
  if (command.seq > lastSeq + 1) return { type: 'gap', refusal: refuse('sync.gap', { expected: lastSeq + 1 }) }
  if (command.seq === lastSeq + 1) return null
  if (earlier?.fingerprint !== fingerprint(command.name, command.args)) {
    return { type: 'conflict', refusal: refuse('sync.conflictingRepeat', {}) }
  }
  return { type: 'taken', refusal: earlier.refusal }
}

async function outcomeOf(turn: Parameters<typeof takeCommand>[0]): Promise<Outcome> {
  const { trx, identity, command, now, standing } = turn
  const { member, team } = standing
  const { name } = command
  if (!member || !team || !isCommandName(name) || commands[name].by !== 'member') {
    return { ok: false, refusal: refuse('request.unknownCommand', { name }) }
  }
  const context = { actor: { type: 'member', member, team }, now } as const
  const outcome = await runAsync(name, command.args, context, rowReader(trx, identity.teamId))
  if (!outcome.ok) return outcome
  const refusal = await missingAttachment(turn, outcome.changes)
  return refusal ? { ok: false, refusal } : outcome
}

async function missingAttachment(
  { trx, identity, attachments }: Parameters<typeof takeCommand>[0],
  changes: readonly Change[],
): Promise<Refusal | null> {
  for (const content of changes.flatMap(newFiles)) {
    const refusal = await attachments.check(trx, identity.teamId, content)
    if (refusal) return refusal
  }
  return null
}

/** The files that a row shows and did not show before. */
function newFiles({ before, after }: Change): Parameters<AttachmentCheck['check']>[2][] {
  if (after && 'visibility' in after) {
    const known = new Set(before && 'visibility' in before ? replyFiles(before).map((file) => file.attachmentId) : [])
    return replyFiles(after).flatMap(({ attachmentId, name, mime, size }) =>
      known.has(attachmentId) ? [] : [{ replyId: after.id, attachmentId, name, mime, size }],
    )
  }
  const file = !before && after && 'body' in after ? attachmentOf(after.body) : null
  if (!file || !after || !('conversationId' in after)) return []
  const { attachmentId, name, mime, size } = file
  return [{ conversationId: after.conversationId, attachmentId, name, mime, size }]
}

/** Result, progress, audit entry and, when rows were written, the team's version: one statement. */
async function keep(
  asker: Asker,
  { identity, command, now }: Turn,
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
      ${refusal === null}, ${refusal?.code ?? null})`.execute(asker)
}

/** The audit entry of a command that was given outside of a queue, which is why it has no number there. */
export async function noteOutside(
  asker: Asker,
  command: { identity: Identity; name: string; args: unknown; now: Time; refusal: Refusal | null },
): Promise<void> {
  const { identity, name, args, now, refusal } = command
  const { teamId, memberId, workstationId, clientId } = identity
  await sql`
    insert into audit (team_id, at, member_id, workstation_id, client_id, seq, command, subject_id, accepted, code)
    values (${teamId}, ${now}, ${memberId}, ${workstationId}, ${clientId}, 0, ${name}, ${subjectOf(args)},
      ${refusal === null}, ${refusal?.code ?? null})`.execute(asker)
}

/** What the command is about: an id, or null when the arguments name none in the right shape. */
function subjectOf(args: unknown): string | null {
  if (typeof args !== 'object' || args === null) return null
  for (const field of ['conversationId', 'contactId', 'memberId', 'channelId', 'replyId', 'replyFolderId']) {
    const id: unknown = Object.getOwnPropertyDescriptor(args, field)?.value
    if (typeof id === 'string' && /^[A-Za-z0-9_~-]{1,64}$/.test(id)) return id
  }
  return null
}
