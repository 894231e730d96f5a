/**
 * The local effect of what waits, on top of what the hub said. Whatever changes confirmed rows goes through here: the
 * waiting commands are undone, the change is made, and they are run again in their order (SYN-3). One that no longer
 * passes is marked, loses its local effect, and is sent all the same: the hub decides.
 */
import { isCommandName } from '../../domain/commands.ts'
import type { MemberId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { runSync } from '../../sync/run.ts'
import type { Change } from '../../sync/run.ts'
import { readAbout } from './about.ts'
import { RowBatch } from './batch.ts'
import type { Writer } from './connection.ts'
import { waitingRows } from './queue.ts'
import { writeRows } from './write-rows.ts'
import type { Written } from './write-rows.ts'

/** A row as it was before a waiting command changed it; null for one that the command made. */
type Image = Pick<Change, 'table' | 'id' | 'before'>

/**
 * Makes a change to confirmed rows under the waiting commands.
 * @param work changes rows through the batch; it may also take items off the queue
 * @returns what is different afterwards, and whether a waiting item's standing changed
 */
export function rebase(
  writer: Writer,
  memberId: MemberId,
  work: (batch: RowBatch) => void,
): Written & { queue: boolean } {
  const batch = new RowBatch(writer)
  const undone = new Map<number, string>()
  const rows = writer.all<{ queue_id: number; images: string }>('SELECT * FROM undo ORDER BY queue_id DESC')
  for (const { queue_id, images } of rows) {
    undone.set(queue_id, images)
    for (const { table, id, before } of parseImages(images).toReversed()) {
      if (before) batch.put(table, before)
      else batch.remove(table, id)
    }
  }
  work(batch)
  const queue = redo(writer, memberId, batch, undone)
  return { ...writeRows(writer, batch, memberId), queue }
}

function redo(writer: Writer, memberId: MemberId, batch: RowBatch, undone: ReadonlyMap<number, string>): boolean {
  // Between versions (a snapshot is under way) what is missing may still come: nothing is doubted yet.
  const { version, clockAhead } = readAbout(writer)
  const whole = version !== null
  let changed = false
  for (const item of waitingRows(writer)) {
    if (item.local === 0) continue
    const outcome = attempt(batch, memberId, item.name, JSON.parse(item.args), item.at + clockAhead)
    const changes = outcome.ok ? outcome.changes : []
    applyChanges(batch, changes)
    const doubt = outcome.ok || !whole ? null : JSON.stringify(outcome.refusal)
    if (doubt !== item.doubt) {
      writer.run('UPDATE queue SET doubt = ? WHERE id = ?', doubt, item.id)
      changed = true
    }
    if (imagesOf(changes) === (undone.get(item.id) ?? NO_IMAGES)) continue
    writer.run('DELETE FROM undo WHERE queue_id = ?', item.id)
    recordUndo(writer, item.id, changes)
  }
  return changed
}

/** Runs a command over the batch as the store's member, without keeping anything. */
export function attempt(
  batch: RowBatch,
  memberId: MemberId,
  name: string,
  args: unknown,
  now: number,
): { ok: true; changes: Change[] } | { ok: false; refusal: Refusal } {
  if (!isCommandName(name)) return { ok: false, refusal: refuse('request.unknownCommand', { name: name.slice(0, 64) }) }
  const member = batch.get('member', memberId)
  const team = batch.team()
  if (!member || !team) return { ok: false, refusal: refuse('request.offline', {}, { instead: 'go-online' }) }
  const outcome = runSync(name, args, { actor: { type: 'member', member, team }, now }, batch)
  return outcome.ok ? { ok: true, changes: outcome.changes } : outcome
}

/** Puts a command's changes into the batch. */
export function applyChanges(batch: RowBatch, changes: readonly Change[]): void {
  for (const { table, id, after } of changes) {
    if (after) batch.put(table, after)
    else batch.remove(table, id)
  }
}

const NO_IMAGES = '[]'

function imagesOf(changes: readonly Change[]): string {
  return JSON.stringify(changes.map(({ table, id, before }): Image => ({ table, id, before })))
}

/** What {@link imagesOf} made. */
function parseImages(text: string): Image[] {
  return JSON.parse(text) as Image[]
}

/** Files the before-images of a command that was just run. */
export function recordUndo(writer: Writer, queueId: number, changes: readonly Change[]): void {
  if (changes.length > 0) writer.run('INSERT INTO undo VALUES (?, ?)', queueId, imagesOf(changes))
}
