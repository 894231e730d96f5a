/** The same history over plain maps, one command after the other: what the hub has to hold, and what became of each command. */
import { z } from 'zod'
import { isCommandName } from '../../backend/domain/commands.ts'
import type { MemberId } from '../../backend/domain/ids.ts'
import type { TeamId } from '../../backend/domain/ids.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { Member } from '../../backend/domain/rows.ts'
import { PlainStore } from '../../backend/sync/plain-store.ts'
import type { QueuedCommand } from '../../backend/sync/protocol.ts'
import type { Outcome } from '../../backend/sync/run.ts'
import type { Done } from './hub.ts'
import { sampleRows } from './world.ts'

const Inbound = z.object({ messageId: z.string() })

/** A command of a member's queue that took its turn. */
export type Taken = { clientId: string; command: QueuedCommand; refusal: Refusal | null; effects: number }

export class Model {
  readonly teams = new Map<TeamId, PlainStore>()
  readonly taken: Taken[] = []
  /** Conversations that were deleted, as `teamId id`, and the messages that went with them or reached nobody. */
  readonly deleted = new Set<string>()
  readonly erased = new Set<string>()
  /** What the hub and this model disagree about. */
  readonly differences: string[] = []
  readonly #lastSeq = new Map<string, number>()

  constructor(teams: readonly TeamId[], history: readonly Done[]) {
    for (const teamId of teams) {
      const store = new PlainStore()
      for (const [table, row] of sampleRows()) store.put(table, row)
      this.teams.set(teamId, store)
    }
    for (const done of history) this.#play(done)
  }

  #play(done: Done): void {
    const store = this.teams.get(done.teamId)
    if (!store) throw new Error(`no team ${done.teamId}`)
    if (done.by === 'system') {
      if (!isCommandName(done.name)) return
      const outcome = store.run(done.name, done.args, { actor: { type: 'system' }, now: done.now })
      const { messageId } = Inbound.catch({ messageId: '' }).parse(done.args)
      const isThere = outcome.ok && store.get('message', messageId) !== undefined
      if (done.name === 'message.receive' && outcome.ok && !isThere) this.erased.add(messageId)
      return
    }
    const { identity, command, now } = done
    const queue = `${identity.teamId} ${identity.clientId}`
    const last = this.#lastSeq.get(queue) ?? 0
    const member = memberOf(store, identity.memberId)
    // A repeat, one that comes too early, or from somebody who has left: nothing happens.
    if (command.seq !== last + 1 || !member?.active) {
      if (done.effects.length > 0) this.differences.push(`${queue}: number ${command.seq} had effects out of turn`)
      return
    }
    this.#lastSeq.set(queue, command.seq)
    const before = new Map(store.all('message').map((message) => [message.id, message]))
    const outcome: Outcome = isCommandName(command.name)
      ? store.run(command.name, command.args, { actor: store.actor(member), now })
      : { ok: true, changes: [], effects: [] }
    const effects = outcome.ok ? outcome.effects : []
    if (JSON.stringify(effects) !== JSON.stringify(done.effects)) {
      this.differences.push(`${queue}: number ${command.seq} had other effects than its rule`)
    }
    for (const change of outcome.ok ? outcome.changes : []) {
      if (change.table === 'conversation' && !change.after) this.deleted.add(`${done.teamId} ${change.id}`)
    }
    for (const id of before.keys()) if (!store.get('message', id)) this.erased.add(id)
    const refusal = outcome.ok ? null : outcome.refusal
    this.taken.push({ clientId: identity.clientId, command, refusal, effects: effects.length })
  }
}

function memberOf(store: PlainStore, id: MemberId): Member | undefined {
  return store.all('member').find((member) => member.id === id)
}
