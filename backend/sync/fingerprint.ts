/** Tells whether a command is the one that was taken under its number. */
import { createHash } from 'node:crypto'

/** SHA-256, in base64, of a command's name and arguments, whatever the order of their fields. */
export function fingerprint(name: string, args: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([name, sorted(args)]))
    .digest('base64')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['[', ...value.map(sorted)]
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return ['{', ...entries.map(([key, inner]) => [key, sorted(inner)])]
}
