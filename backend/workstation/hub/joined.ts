/**
 * Puts snapshot lines together on the device. Each line that is applied is a transaction, and neighbouring ones change
 * the same pages of the store: four at once cost little more than two. What comes slowly is not held back for that.
 */
import type { SnapshotLine } from '../../sync/protocol.ts'
import type { Result } from '../service.ts'

type Line = Result<SnapshotLine>
type Conversations = Extract<SnapshotLine, { type: 'conversations' }>
export type Joining = {
  /** A line with so many rows is long enough. */
  rows: number
  /** How long a line waits for the next, in ms. */
  patience: number
}

/** About a quarter of a second's work on a small computer. */
export const JOINING: Joining = { rows: 4_000, patience: 100 }

/** The same rows in the same order, in fewer lines. Whatever is no line with conversations is passed on as it is. */
export async function* joined(lines: AsyncGenerator<Line>, { rows, patience }: Joining): AsyncGenerator<Line> {
  let held: Conversations | null = null
  let coming: ReturnType<typeof lines.next> | null = null
  try {
    for (;;) {
      coming ??= lines.next()
      const came: IteratorResult<Line> | null = held ? await within(coming, patience) : await coming
      const next: Conversations | null = came && !came.done ? joinable(came.value) : null
      if (held && (!next || held.rows.length + next.rows.length > rows)) {
        yield { ok: true, value: held }
        held = null
      }
      if (!came) continue
      coming = null
      if (came.done) return
      if (!next) yield came.value
      else held = held ? { ...next, rows: [...held.rows, ...next.rows], count: held.count + next.count } : next
    }
  } finally {
    // Not waited for: the line that is on its way may be long in coming.
    void lines.return(undefined)
  }
}

/** Those that are sent once more at the end say nothing of how far the snapshot is, and stay by themselves. */
function joinable(line: Line): Conversations | null {
  return line.ok && line.value.type === 'conversations' && line.value.last !== null ? line.value : null
}

/** What `coming` brings, or null when it brings nothing for `ms`. */
async function within<T>(coming: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([coming, late])
  } finally {
    clearTimeout(timer)
  }
}
