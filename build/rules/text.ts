/** Reads the rules' text: the rules themselves, and the table of what is not built yet. */

export type Rule = {
  id: string
  /** Its text, without marks. */
  text: string
  /** What of it is not built yet, `all` when nothing of it is; null when it is built. */
  missing: string | null
}

export const ALL = 'all'

/** The rules in their order, and what is wrong with the text. */
export function readRules(text: string): { rules: Rule[]; problems: string[] } {
  const problems: string[] = []
  const rules = new Map<string, Rule>()
  for (const [, id = '', words = ''] of text.matchAll(/^- \*\*([A-Z]{3}-\d+)\*\* (.+)$/gm)) {
    if (rules.has(id)) problems.push(`${id} is there twice.`)
    rules.set(id, { id, text: words.replaceAll(/\*\*|_(?=\()|(?<=\))_/g, ''), missing: null })
  }
  for (const { id, missing } of notBuilt(text, problems)) {
    const rule = rules.get(id)
    if (!rule) problems.push(`${id} is listed as not built yet, but is no rule.`)
    else if (rule.missing !== null) problems.push(`${id} is listed twice as not built yet.`)
    else rule.missing = missing
  }
  return { rules: [...rules.values()], problems }
}

/** The rows of the table, one for each id; in the text a row may be about several: `COL-1 to COL-12, DEL-1`. */
function notBuilt(text: string, problems: string[]): { id: string; missing: string }[] {
  const section = /^## Not built yet$(.*?)^## /ms.exec(text)?.[1]
  if (section === undefined) {
    problems.push('There is no part “Not built yet”.')
    return []
  }
  const [, , ...lines] = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.flatMap((line) => {
    const [, cell = '', missing = ''] = line.split('|').map((part) => part.trim())
    const ids = cell.split(', ').flatMap(idsOf)
    if (ids.length > 0 && missing !== '') return ids.map((id) => ({ id, missing }))
    problems.push(`This line of “Not built yet” cannot be read: ${line}`)
    return []
  })
}

/** The ids of `COL-3` or `COL-1 to COL-12`; none when it is neither. */
function idsOf(cell: string): string[] {
  const [, part, from, upTo = from] = /^([A-Z]{3})-(\d+)(?: to \1-(\d+))?$/.exec(cell) ?? []
  if (part === undefined) return []
  const [first, last] = [Number(from), Number(upTo)]
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => `${part}-${first + n}`)
}
