/** What fields of frames and requests are filled with: ids that exist, ids of others, and signs that stand for secrets. */
import fc from 'fast-check'
import type { z } from 'zod'
import { commands } from '../../backend/domain/commands.ts'
import { PROTOCOL } from '../../backend/sync/protocol.ts'
import { oddNumber, oddText, valuesOf } from './arbitrary.ts'
import type { Pools } from './arbitrary.ts'
import { isObject } from './mutate.ts'
import { MEMBERS } from './sample.ts'
import { KNOWN } from './world.ts'

const memberIds = fc.constantFrom(...KNOWN.members)
const conversationIds = fc.oneof(
  { weight: 30, arbitrary: fc.nat(15).map((n) => `@seen+${n}`) },
  { weight: 12, arbitrary: fc.constantFrom(...KNOWN.conversations) },
  { weight: 1, arbitrary: fc.constantFrom('c99', 'none', `c${'9'.repeat(62)}`) },
)
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 40 }).map((one) => `zqt ${one}`) },
  { weight: 1, arbitrary: oddText },
)
/** A sign that {@link Signs} has a value for. */
const sign = <const S extends string>(...signs: S[]) => fc.constantFrom(...signs)

const often = <A, B>(weight: number, usual: fc.Arbitrary<A>, other: fc.Arbitrary<B>) =>
  fc.oneof<fc.MaybeWeightedArbitrary<A | B>[]>({ weight, arbitrary: usual }, { weight: 1, arbitrary: other })

export const TOKEN_SIGNS = ['@token:other', '@token:rival', '@expired', '@forged', '@unsigned', '@visitor'] as const

const base: Pools = {
  conversationId: conversationIds,
  memberId: memberIds,
  toMemberId: memberIds,
  messageId: often(8, sign('@fresh'), fc.constantFrom('c0-m0', 'c8-m3', 'c28-m1')),
  attachmentId: fc.constantFrom(...KNOWN.files),
  storeIds: fc.array(fc.constantFrom('north', 'south', 'nowhere'), { maxLength: 3 }),
  text,
  active: often(8, fc.constant(true), fc.constant(false)),
  accessToken: often(20, sign('@token'), sign(...TOKEN_SIGNS)),
  clientId: often(20, sign('@client'), sign('@client:other', '@client:rival')),
  protocol: often(20, fc.constant(PROTOCOL), fc.constantFrom(PROTOCOL + 1, PROTOCOL - 1, 0, -1, 99)),
  version: often(
    8,
    sign('@version', '@version', '@version-3'),
    fc.constantFrom<unknown>(null, 0, 1, 2 ** 31, 2 ** 53 - 1),
  ),
  epoch: often(20, sign('@epoch'), oddText),
  resultsAfter: often(8, fc.constantFrom(0, 1, 5), fc.constantFrom(2 ** 31, 2 ** 53 - 1)),
}

/** Commands as they wait in a queue, of every kind there is, mostly in turn. */
const queued = fc.oneof(
  ...Object.entries(commands).map(([name, { args, by }]) => ({
    weight: by === 'member' ? 6 : 1,
    arbitrary: fc.record({
      seq: often(12, sign('@seq+1'), sign('@seq+0', '@seq+2', '@seq-1', '@seq+100')),
      name: often(30, fc.constant(name), fc.constantFrom('nothing', '', 'toString', '__proto__', 'x'.repeat(64))),
      args: valuesOf(args, base),
      at: often(5, fc.constant(1), fc.constantFrom(0, 2 ** 53 - 1)),
    }),
  })),
)

/** Commands as a screen gives them. */
export const COMMANDS = fc.oneof(
  ...Object.entries(commands).map(([name, { args, by }]) => ({
    weight: by === 'member' ? 6 : 1,
    arbitrary: fc.record({ name: fc.constant(name), args: valuesOf(args, base) }),
  })),
)
export const POOLS: Pools = { ...base, commands: fc.array(queued, { minLength: 1, maxLength: 4 }) }

/** Any value of the world, for a field that wants another. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  conversationIds,
  memberIds,
  sign('@token', '@client', '@fresh', '@version', '@epoch', '@seq+1', ...TOKEN_SIGNS, '@client:other', '@client:rival'),
  fc.constantFrom(...KNOWN.files),
  fc.constantFrom(...MEMBERS),
  fc.constantFrom('rival1', 'shop1', 'cafe', 'north'),
  oddNumber,
)

/** Schemas of an object or of a choice of objects, as values with their pools. */
export function framesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return valuesOf(schema, POOLS)
}

/** What the signs in an input stand for, asked in the order in which they appear. */
export type Signs = (sign: string) => Promise<unknown>

/** What `@seen+N` stands for: one of the conversations that the member sees, or sees none. */
export function seen(list: readonly string[], amount: number): string {
  return list[amount % Math.max(1, list.length)] ?? 'c0'
}

/** The value with every sign in it replaced. */
export async function resolved(value: unknown, signs: Signs): Promise<unknown> {
  if (typeof value === 'string') return value.startsWith('@') ? signs(value) : value
  if (Array.isArray(value)) {
    const out: unknown[] = []
    for (const inner of value) out.push(await resolved(inner, signs))
    return out
  }
  if (!isObject(value)) return value
  const out: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const given = await resolved(inner, signs)
    Object.defineProperty(out, key, { value: given, enumerable: true, configurable: true, writable: true })
  }
  return out
}
