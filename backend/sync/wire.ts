/**
 * The shape of everything that goes over the wire as one hash, so that it cannot change without a new {@link PROTOCOL}
 * once workstations are out that speak the old one. What is recorded is in `protocol.lock.json`; `npm run protocol`
 * records anew.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { commands } from '../domain/commands.ts'
import { INSTEAD, REFUSALS } from '../domain/refusal.ts'
import { tables } from '../domain/rows.ts'
import { fingerprint } from './fingerprint.ts'
import * as protocol from './protocol.ts'

export const WireLock = z.strictObject({
  /** The number that the hash was recorded for. */
  protocol: z.number().int().positive(),
  /** Whether programs that speak this number are in the hands of people who did not build them. */
  released: z.boolean(),
  hash: z.string(),
  /** The hash of each part, to say what has changed. */
  parts: z.record(z.string(), z.string()),
})
export type WireLock = z.infer<typeof WireLock>
export type Wire = Pick<WireLock, 'protocol' | 'hash' | 'parts'>

/** What both ends have to agree on, by name: schemas, limits, codes, and how a command's fingerprint is made. */
export function wireParts(): Record<string, unknown> {
  const parts: Record<string, unknown> = { refusals: REFUSALS, instead: INSTEAD }
  for (const [name, value] of Object.entries(protocol)) {
    if (value instanceof z.ZodType) parts[name] = shapeOf(value)
    // A limit belongs to the protocol; its own number is what the rest is recorded under.
    else if (typeof value === 'number' && name !== 'PROTOCOL') parts[name] = value
  }
  for (const [name, schema] of Object.entries(tables)) parts[`row ${name}`] = shapeOf(schema)
  for (const { name, by, offline, args } of Object.values(commands)) {
    // What the hub does by itself never comes from a socket.
    if (by === 'member') parts[`command ${name}`] = { offline, args: shapeOf(args) }
  }
  parts['fingerprint'] = fingerprint('note.add', { text: '"é\u0001😀', a: [1, null, { b: true }] })
  return parts
}

/** The wire as it is in the sources. */
export function wireNow(described: Record<string, unknown> = wireParts()): Wire {
  const parts = Object.fromEntries(
    Object.entries(described)
      .map(([name, part]) => [name, hashOf(part).slice(0, 12)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  return { protocol: protocol.PROTOCOL, hash: hashOf(described), parts }
}

/** What is wrong between the record and the sources, in words for who changed them; null when nothing is. */
export function wireProblem(lock: WireLock, now: Wire): string | null {
  if (now.protocol === lock.protocol && now.hash === lock.hash) return null
  if (now.protocol < lock.protocol) {
    return `PROTOCOL is ${now.protocol}, but ${lock.protocol} is recorded: it never goes back.`
  }
  const what = `What goes over the wire is not what was recorded for PROTOCOL ${lock.protocol} (${changesOf(lock, now)}).`
  return now.protocol === lock.protocol && lock.released
    ? `${what} Programs that speak ${lock.protocol} are out: raise PROTOCOL in backend/sync/protocol.ts to ` +
        `${lock.protocol + 1}, bring docs/protocol.md up to date, then run \`npm run protocol\`.`
    : `${what} Bring docs/protocol.md up to date, then run \`npm run protocol\`.`
}

/**
 * The record brought up to the sources.
 * @throws with words for who asked, when the number was released and the shape under it is another
 */
export function recorded(lock: WireLock, now: Wire, release = false): WireLock {
  const isNew = now.protocol > lock.protocol
  const problem = wireProblem(lock, now)
  if (problem && !isNew && (lock.released || now.protocol < lock.protocol)) throw new Error(problem)
  if (problem && release) throw new Error(`${problem} Only what is recorded can be released.`)
  return { protocol: now.protocol, released: release || (lock.released && !isNew), hash: now.hash, parts: now.parts }
}

function changesOf({ parts: before }: WireLock, { parts: after }: Wire): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.filter((name) => before[name] !== after[name]).join(', ') || 'another PROTOCOL'
}

/** As the sender has to write it; what JSON Schema cannot say must not be on the wire. */
function shapeOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' })
}

function hashOf(part: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(part)))
    .digest('hex')
}

/** The same for the same shape, whatever the order in which it is written down. */
function canonical(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item))
    return ['required', 'enum'].includes(key) ? items.toSorted() : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, canonical(inner, name)])
}
