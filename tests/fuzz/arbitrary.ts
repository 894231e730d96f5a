/** Makes values that a zod schema takes, so that inputs begin as what the product means before they are damaged. */
import fc from 'fast-check'
import { z } from 'zod'

type Arbitrary = fc.Arbitrary<unknown>
/** What to use for a field of this name instead of what its schema says: ids that exist, say. */
export type Pools = Readonly<Record<string, Arbitrary>>

/** Strings that programs like to stumble over. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udc00y',
    '__proto__',
    'constructor',
    '\u202eabc',
    '👩‍👩‍👧',
    '%00',
    "'; drop table message; --",
    '../../../etc/passwd',
    '<img src=x onerror=alert(1)>',
    '{"type":"hello"}',
    '\r\nx: y',
    'x'.repeat(65),
    '長'.repeat(5_000),
    '字'.repeat(5_001),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

/** Numbers at the edges of what a database, a language or a schema takes. */
export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 63), 1e308, 1e-308),
  fc.integer(),
)

/** Values that the schema takes; a field whose name has a pool is taken from there. */
export function valuesOf(schema: z.ZodType, pools: Pools, name = ''): Arbitrary {
  const pool = pools[name]
  if (pool) return pool
  const inner = (one: unknown, as = name): Arbitrary => valuesOf(asSchema(one), pools, as)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumber) return numbersOf(schema)
  if (schema instanceof z.ZodString) return stringsOf(schema)
  if (schema instanceof z.ZodNullable) return fc.option(inner(schema.unwrap()), { nil: null })
  if (schema instanceof z.ZodOptional) return inner(schema.unwrap())
  if (schema instanceof z.ZodDefault) return inner(schema.unwrap())
  if (schema instanceof z.ZodPipe) return inner(schema.in)
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((one) => inner(one)))
  if (schema instanceof z.ZodTuple) return fc.tuple(...schema.def.items.map((one) => inner(one)))
  if (schema instanceof z.ZodArray) return fc.array(inner(schema.element), { minLength: 1, maxLength: 3 })
  if (schema instanceof z.ZodRecord) return fc.dictionary(fc.string(), inner(schema.valueType))
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape)
    return fc.record(Object.fromEntries(fields.map(([key, one]) => [key, inner(one, key)])), {
      requiredKeys: fields.filter(([, one]) => !(one instanceof z.ZodOptional)).map(([key]) => key),
      noNullPrototype: true,
    })
  }
  if (schema instanceof z.ZodUnknown) return fc.jsonValue()
  throw new Error(`no values for a schema of type ${schema.def.type}`)
}

function numbersOf(schema: z.ZodNumber): Arbitrary {
  const least = Math.max(schema.minValue ?? 0, -(2 ** 31))
  const most = Math.min(schema.maxValue ?? 2 ** 53 - 1, 2 ** 53 - 1)
  const min = Math.ceil(Number.isFinite(least) ? least : 0)
  const near = fc.integer({ min, max: Math.min(most, min + 20) })
  return fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: fc.constantFrom(min, most, 2 ** 31) })
}

function stringsOf(schema: z.ZodString): Arbitrary {
  const pattern = (schema.def.checks ?? []).map(({ _zod }) => _zod.def).find((check) => 'pattern' in check)
  if (pattern && 'pattern' in pattern && pattern.pattern instanceof RegExp) return fc.stringMatching(pattern.pattern)
  const text = fc.oneof({ weight: 3, arbitrary: fc.string({ maxLength: 30 }) }, { weight: 1, arbitrary: oddText })
  return text.map((one) => `zqt${one}`)
}

/** zod's own types call what it keeps inside by its core's name. */
function asSchema(inner: unknown): z.ZodType {
  if (inner instanceof z.ZodType) return inner
  throw new Error('not a schema')
}
