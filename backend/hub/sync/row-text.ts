/** Rows as the JSON text that goes to the wire, and the cutting of a patch into frames. */
import type { TableName, Row } from '../../domain/rows.ts'
import type { ConversationId } from '../../domain/ids.ts'
import { FRAME_MAX } from '../../sync/protocol.ts'
import type { CommandResult, Version } from '../../sync/protocol.ts'

/** A row as `["message",{…}]`. */
export type RowText = string & { readonly RowText: never }

/** From a `data` column, as it is. */
export function rowText(table: TableName, data: string): RowText {
  return `["${table}",${data}]` as RowText
}

const texts = new WeakMap<Row<TableName>, RowText>()

/** Of a row in memory; made once, however many devices it goes to. */
export function rowTextOf(table: TableName, row: Row<TableName>): RowText {
  const known = texts.get(row)
  if (known) return known
  const text = rowText(table, JSON.stringify(row))
  texts.set(row, text)
  return text
}

/** All that changed for one device. */
export type Patch = {
  version: Version
  epoch: string
  lastClientSeq: number
  results: readonly CommandResult[]
  evicts: readonly ConversationId[]
  removes: readonly (readonly [TableName, string])[]
  puts: readonly RowText[]
}

/** Room for what is in every frame beside the lists. */
const FRAME_HEAD = 512
const LISTS = ['results', 'evicts', 'removes', 'puts'] as const

/**
 * The patch as frames of at most {@link FRAME_MAX} bytes, all but the last with `more: true`.
 * @param first the `n` of the first of them
 */
export function patchFrames(patch: Patch, first: number): string[] {
  const frames: Record<(typeof LISTS)[number], string[]>[] = [{ results: [], evicts: [], removes: [], puts: [] }]
  let room = FRAME_MAX - FRAME_HEAD
  const add = (list: (typeof LISTS)[number], text: string) => {
    const bytes = Buffer.byteLength(text) + 1
    if (bytes > room) {
      frames.push({ results: [], evicts: [], removes: [], puts: [] })
      room = FRAME_MAX - FRAME_HEAD
    }
    room -= bytes
    frames.at(-1)?.[list].push(text)
  }
  for (const result of patch.results) add('results', JSON.stringify(result))
  for (const id of patch.evicts) add('evicts', JSON.stringify(id))
  for (const removed of patch.removes) add('removes', JSON.stringify(removed))
  for (const text of patch.puts) add('puts', text)
  return frames.map((frame, index) => {
    const more = index < frames.length - 1
    const at = `"n":${first + index},"version":${patch.version},"epoch":${JSON.stringify(patch.epoch)}`
    const head = `${at},"more":${more},"lastClientSeq":${patch.lastClientSeq}`
    const lists = LISTS.map((list) => `"${list}":[${frame[list].join(',')}]`)
    return `{"type":"patch",${head},${lists.join(',')}}`
  })
}
