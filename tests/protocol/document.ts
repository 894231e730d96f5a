/** Reads docs/protocol.md: its examples, and its tables of fields, codes and commands. */
import { readFileSync } from 'node:fs'

export const PROTOCOL_MD = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** One fenced block. `info` is what stands behind its fence. */
export type Block = { line: number; info: string; text: string }

/** A table that a comment names: `<!-- fields: HubFrame.patch -->` stands before the fields of that frame. */
export type Table = { line: number; kind: string; of: string; rows: string[][] }

/** The fenced blocks, in their order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open: (Omit<Block, 'text'> & { lines: string[] }) | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    if (!line.startsWith('```')) open?.lines.push(line)
    else if (open) {
      blocks.push({ line: open.line, info: open.info, text: open.lines.join('\n') })
      open = null
    } else open = { line: index + 1, info: line.slice(3).trim(), lines: [] }
  }
  return blocks
}

/** The tables that a comment names, without their heads. */
export function tablesOf(markdown: string): Table[] {
  const lines = markdown.split('\n')
  return lines.flatMap((line, index) => {
    const [, kind, of] = /^<!-- ([a-z]+): (.+) -->$/.exec(line) ?? []
    if (kind === undefined || of === undefined) return []
    const begin = lines.findIndex((one, at) => at > index && one !== '')
    const end = lines.findIndex((one, at) => at > begin && !one.startsWith('|'))
    const rows = lines.slice(begin, end === -1 ? undefined : end).filter((one) => one.startsWith('|'))
    return [{ line: index + 1, kind, of, rows: rows.slice(2).map(cellsOf) }]
  })
}

/** What stands in `code` in a cell, in its order. */
export function namesIn(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')
}

function cellsOf(row: string): string[] {
  // A | inside code is written \| in a table.
  return row
    .slice(1, row.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}
