/** For tests: a hub over a real database and a real HTTP server, with as many sample teams as a test needs. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { CommandArgs, CommandName } from '../../domain/commands.ts'
import { ContactId, ConversationId, MemberId, MessageId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Effect } from '../../domain/rule.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { Member, Time } from '../../domain/rows.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { SampleTeam, WEBCHAT } from '../../sync/sample-team.ts'
import { TableRow as TableRowSchema } from '../../sync/protocol.ts'
import type { AttachmentOwner, Authenticator, Commit, Identity } from '../core.ts'
import type { HubLine } from '../line/line.ts'
import type { OpenDatabase } from '../store/database.ts'
import { migrate } from '../store/migrations/index.ts'
import { createHubCore } from './hub-core.ts'
import type { SyncCore } from './hub-core.ts'
import { createSync } from './sync.ts'
import type { Sync } from './sync.ts'

export const HOUR = 3_600_000
/** A Monday noon in 2025. */
export const START = Date.UTC(2025, 5, 2, 4)

export class SampleHub {
  readonly core: SyncCore
  readonly sync: Sync
  readonly database: OpenDatabase
  readonly effects: { teamId: TeamId; effect: Effect }[] = []
  readonly logged: string[] = []
  now: Time = START
  url = ''
  /** Answers whether an attachment is there; a test may replace it. */
  attachment: (content: AttachmentOwner) => Refusal | null = () => null
  /** Thrown in the middle of the next command's transaction. */
  failNext: Error | null = null
  /** Commits that its sync has not been told of yet; null to tell of each at once. */
  heldCommits: Commit[] | null = null
  readonly #log: Logger
  readonly #server
  #teams = 0

  private constructor(database: OpenDatabase, line: HubLine | null) {
    this.database = database
    const log = (this.#log = pino({ level: 'info' }, { write: (line: string) => this.logged.push(line) }))
    const clock = () => (this.now += 1)
    this.core = createHubCore({
      db: database.db,
      log,
      clock,
      effects: {
        record: async (_trx, teamId, effects) => {
          for (const effect of effects) this.effects.push({ teamId, effect })
          const error = this.failNext
          this.failNext = null
          if (error) throw error
        },
      },
      attachments: { check: async (_trx, _teamId, content) => this.attachment(content) },
      line,
    })
    this.sync = createSync({ core: this.#holding(this.core), authenticator, log, clock, line })
    this.#server = createServer(getRequestListener(this.sync.routes.fetch))
    this.#server.on('upgrade', (request, socket, head) => this.sync.sockets.accept(request, socket, head))
  }

  /** @param line to other hubs over the same database */
  static async start(database: OpenDatabase, line: HubLine | null = null): Promise<SampleHub> {
    await migrate(database.db)
    const hub = new SampleHub(database, line)
    await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve))
    hub.url = `http://127.0.0.1:${addressOf(hub.#server.address()).port}`
    return hub
  }

  /** A new team as {@link SampleTeam} has it. */
  async team(sample: SampleTeam = new SampleTeam()): Promise<HubTeam> {
    const id = TeamId.parse(`team${++this.#teams}`)
    await this.core.importRows(id, rowsOf(sample))
    return new HubTeam(this, id)
  }

  /** Tells of the commits that were held, and of later ones at once. */
  releaseCommits(): void {
    const held = this.heldCommits ?? []
    this.heldCommits = null
    for (const commit of held) for (const listener of this.#told) listener(commit)
  }

  readonly #told = new Set<(commit: Commit) => void>()
  #holding(core: SyncCore): SyncCore {
    return {
      ...core,
      onCommit: (listener) => {
        this.#told.add(listener)
        return core.onCommit((commit) => (this.heldCommits ? this.heldCommits.push(commit) : listener(commit)))
      },
    }
  }

  /** The core of another hub over the same database: nothing but the database holds the two apart. */
  otherCore(): SyncCore {
    const effects = { record: async () => undefined }
    const attachments = { check: async () => null }
    return createHubCore({ db: this.core.db, log: this.#log, clock: () => (this.now += 1), effects, attachments })
  }

  async stop(): Promise<void> {
    await this.sync.close()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.database.close()
  }
}

/** One team of the hub, with one queue for each member. */
export class HubTeam {
  readonly hub: SampleHub
  readonly id: TeamId
  readonly #seqs = new Map<string, number>()
  readonly #place: string
  #made = 0

  /** @param place tells the ids that are made at one hub from those of another */
  constructor(hub: SampleHub, id: TeamId, place = '') {
    this.hub = hub
    this.id = id
    this.#place = place
  }

  identity(member: string, clientId = `client-${member}`): Identity {
    const memberId = MemberId.parse(member)
    return { teamId: this.id, memberId, workstationId: 'counter-1', clientId, expiresAt: this.hub.now + HOUR }
  }

  token(member: string, clientId = `client-${member}`, expiresAt = this.hub.now + HOUR): string {
    return JSON.stringify({ ...this.identity(member, clientId), expiresAt })
  }

  async member(id: string): Promise<Member> {
    const member = await this.hub.core.row(this.id, 'member', id)
    if (!member) throw new Error(`no member ${id}`)
    return member
  }

  messageId(): MessageId {
    return MessageId.parse(`m${this.#place}${this.id}-${++this.#made}`)
  }

  /** The member's next command, as pushed by their one queue. */
  async as<N extends CommandName>(member: string, name: N, args: CommandArgs<N>): Promise<string> {
    const seq = (this.#seqs.get(member) ?? 0) + 1
    this.#seqs.set(member, seq)
    const taken = await this.hub.core.runPushed(this.identity(member), { seq, name, args, at: 0 })
    return taken.type === 'taken' ? (taken.refusal?.code ?? 'ok') : taken.refusal.code
  }

  async customer(who: string, text = '請問還有貨嗎'): Promise<ConversationId> {
    const conversationId = ConversationId.parse(`chat-${who}`)
    const outcome = await this.hub.core.system(this.id, 'message.receive', {
      channelId: WEBCHAT,
      externalId: who,
      name: who,
      contactId: ContactId.parse(`contact-${who}`),
      conversationId,
      messageId: this.messageId(),
      content: { kind: 'text', text },
    })
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    return conversationId
  }

  take(member: string, who: string): Promise<string> {
    return this.as(member, 'conversation.take', { conversationId: idOf(who), messageId: this.messageId() })
  }

  close(member: string, who: string): Promise<string> {
    return this.as(member, 'conversation.close', { conversationId: idOf(who), messageId: this.messageId() })
  }

  transfer(member: string, who: string, to: string): Promise<string> {
    const args = { conversationId: idOf(who), messageId: this.messageId(), toMemberId: MemberId.parse(to) }
    return this.as(member, 'conversation.transfer', args)
  }

  reply(member: string, who: string, text = '有的'): Promise<string> {
    const content = { kind: 'text', text } as const
    return this.as(member, 'message.send', { conversationId: idOf(who), messageId: this.messageId(), content })
  }
}

export function idOf(who: string): ConversationId {
  return ConversationId.parse(`chat-${who}`)
}

/** Every row of a sample team, as it goes over the wire. */
export function rowsOf(sample: SampleTeam): TableRow[] {
  return TABLE_NAMES.flatMap((table) => sample.store.all(table).map((row) => TableRowSchema.parse([table, row])))
}

/** Takes an identity in JSON for a token: what tokens are is not sync's concern. */
const authenticator: Authenticator = {
  authenticate: async (token) => {
    const text = token.startsWith('{') ? token : Buffer.from(token, 'base64url').toString()
    if (!text.startsWith('{')) return { ok: false, refusal: refuse('request.unauthorised', {}) }
    return { ok: true, identity: JSON.parse(text) as Identity }
  },
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (typeof address === 'object' && address) return address
  throw new Error('the server has no port')
}
