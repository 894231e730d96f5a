/**
 * What the parts of the hub know of each other: the core (rows, commands, sync) below, and what it needs from accounts
 * and jobs. `main.ts` puts them together.
 */
import type { Kysely, Transaction } from 'kysely'
import type { CommandArgs, CommandName } from '../domain/commands.ts'
import type { ConversationId, MemberId, TeamId } from '../domain/ids.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Effect, Read } from '../domain/rule.ts'
import type { Member, Row, TableName, Time } from '../domain/rows.ts'
import type { TableRow, Version } from '../sync/protocol.ts'
import type { Change } from '../sync/run.ts'
import type { HubSchema } from './store/schema.ts'
import type { Asker } from './store/together.ts'

export type HubDatabase = Kysely<HubSchema>
export type HubTransaction = Transaction<HubSchema>

/** A team's change that is durable: all rows of one command, under one version. */
export type Commit = {
  teamId: TeamId
  version: Version
  /** The stretch of history that the version belongs to (see `Epoch` in the protocol). */
  epoch: string
  changes: Change[]
  /** The member's command it was, by its queue; null for a command of the hub itself. */
  taken: { clientId: string; seq: number } | null
}

/** Who is at the other end of a socket or request, from a verified access token. */
export type Identity = {
  teamId: TeamId
  memberId: MemberId
  workstationId: string
  clientId: string
  /** When the token runs out. */
  expiresAt: Time
}

/** A command of the hub itself, with its arguments. */
export type SystemCommand = { [N in CommandName]: { name: N; args: CommandArgs<N> } }[CommandName]
export type SystemResult = { ok: true } | { ok: false; refusal: Refusal }

/** Several commands of the hub itself, to be run in one transaction. */
export type SystemBatch<A> = {
  /** What the commands are going to read, as far as that is known. */
  reads: readonly Read[]
  /** Reads more under the team's lock, in the same round trip as taking it. */
  ahead(asker: Asker): Promise<A>
  /** What is to be run, in its order. */
  commands(ahead: A): readonly SystemCommand[]
  /** Executes what else is to be written with it, at once and without waiting. */
  also(asker: Asker, results: readonly SystemResult[]): Promise<unknown>
}

export interface HubCore {
  readonly db: HubDatabase
  /**
   * Runs several commands in one transaction and under one version: each sees what those before it changed; one that is
   * refused changes nothing and stops no other. Resolves after it is durable.
   */
  systemMany<A>(teamId: TeamId, batch: SystemBatch<A>): Promise<SystemResult[]>
  /**
   * Runs a member's command at once, for what is asked over HTTP: with its audit entry (ROL-6), and outside of the
   * member's queue.
   */
  memberNow<N extends CommandName>(identity: Identity, name: N, args: CommandArgs<N>): Promise<SystemResult>
  /** Runs a command of the hub itself in one transaction; resolves after it is durable. */
  system<N extends CommandName>(
    teamId: TeamId,
    name: N,
    args: CommandArgs<N>,
  ): Promise<{ ok: true; version: Version } | { ok: false; refusal: Refusal }>
  /** Calls `listener` after each commit of this hub, in order; returns the function that stops it. */
  onCommit(listener: (commit: Commit) => void): () => void
  /** Reads a row outside a command. */
  row<T extends TableName>(teamId: TeamId, table: T, id: string): Promise<Row<T> | undefined>
  /** Whether the member sees the conversation (ROL-1); used for everything that is served under it. */
  sees(teamId: TeamId, member: Member, conversationId: ConversationId): Promise<boolean>
  /** Writes rows as they are under one version, for a new team's first data. Not for what a member does. */
  importRows(teamId: TeamId, rows: Iterable<TableRow>): Promise<Version>
  /** What the sync sockets need to tell colleagues that the customer types. */
  customerTyping(teamId: TeamId, conversationId: ConversationId, typing: boolean): void
}

/** Verifies access tokens. */
export interface Authenticator {
  authenticate(accessToken: string): Promise<{ ok: true; identity: Identity } | { ok: false; refusal: Refusal }>
}

/** Keeps what rules want done outside, in the command's own transaction; jobs carry it out afterwards. */
export interface EffectSink {
  record(trx: HubTransaction, teamId: TeamId, effects: readonly Effect[]): Promise<void>
}

/** What shows an attachment. */
export type AttachmentOwner = { conversationId: string } | { replyId: string }

/** Whether an attachment that a command refers to is there, as the command says it is. */
export interface AttachmentCheck {
  check(
    trx: HubTransaction,
    teamId: TeamId,
    content: AttachmentOwner & { attachmentId: string; name: string; mime: string; size: number },
  ): Promise<Refusal | null>
}
