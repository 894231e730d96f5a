/**
 * Keeps the search index in few pieces. Each transaction adds one, and they have to be put together now and then; left to
 * itself the index does that within whichever transaction is the next, and somebody waits for it.
 */
import type { Writer } from '../connection.ts'

/** Pages of the index that are put together at a time: a few ms on a small computer. */
const PAGES = 64
const MERGE = `INSERT INTO message_words (message_words, rank) VALUES ('merge', ${PAGES})`
const CHANGES = 'SELECT total_changes() AS n'

/** Puts some pieces together. @returns whether there is more to do */
export function mergeWords(writer: Writer): boolean {
  const before = writer.get<{ n: number }>(CHANGES)?.n ?? 0
  writer.run(MERGE)
  // The statement itself counts for one.
  return (writer.get<{ n: number }>(CHANGES)?.n ?? 0) - before > 1
}
