/** The fields of a SMS provider's JSON as lines to type: `name=value`. */

/** One line for each field. */
export function fieldLines(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}

/** Null when a line is none of `name=value`, or a name comes twice. */
export function readFields(lines: string): Record<string, string> | null {
  const fields: [string, string][] = []
  for (const line of lines.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const at = line.indexOf('=')
    if (at < 1) return null
    const name = line.slice(0, at).trim()
    if (fields.some(([other]) => other === name)) return null
    fields.push([name, line.slice(at + 1).trim()])
  }
  return Object.fromEntries(fields)
}
