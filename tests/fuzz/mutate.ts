/** Damage: to a value before it becomes text, and to the text. Each is plain data, so that an input can be printed and replayed. */
import fc from 'fast-check'
import { oddNumber, oddText } from './arbitrary.ts'

/** One change of a value: of the `at`-th place in it, counted around. */
export type Change = { op: 'delete' | 'add' | 'set'; at: number; key: string; value: unknown }

/** What is done to a text. `at` is a place in it, from 0 to 1. */
export type TextDamage =
  | { type: 'none' }
  | { type: 'cut'; at: number }
  | { type: 'insert'; at: number; text: string }
  | { type: 'first-key'; text: string }
  | { type: 'number'; text: string }
  | { type: 'string'; text: string }
  | { type: 'nest'; depth: number; with: string }
  | { type: 'size'; bytes: number }

/** Changes that make another's, nobody's or no id of a field, or no field at all. `values`: what is known of the world. */
export function changes(values: fc.Arbitrary<unknown>): fc.Arbitrary<Change[]> {
  const value = fc.oneof(
    { weight: 4, arbitrary: values },
    { weight: 2, arbitrary: oddText },
    { weight: 2, arbitrary: oddNumber },
    { weight: 1, arbitrary: fc.constantFrom(null, true, false, [], {}, [[[[[]]]]]) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  )
  const one = fc.record<Change>({
    op: fc.constantFrom('delete', 'add', 'set', 'set', 'set'),
    at: fc.nat(30),
    key: fc.constantFrom('extra', '__proto__', 'type', 'teamId', 'memberId', 'at', 'toString', 'epoch'),
    value,
  })
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant<Change[]>([]) },
    { weight: 4, arbitrary: fc.array(one, { minLength: 1, maxLength: 2 }) },
  )
}

/** @param sizes bytes to which a text is filled up, around the limits of whoever reads it */
export function textDamages(sizes: readonly number[]): fc.Arbitrary<TextDamage> {
  const at = fc.double({ min: 0, max: 1, noNaN: true })
  const damaged = fc.oneof<fc.Arbitrary<TextDamage>[]>(
    fc.record({ type: fc.constant('cut'), at }),
    fc.record({
      type: fc.constant('insert'),
      at,
      text: fc.oneof(oddText, fc.constantFrom('\ufeff', '}', ']', '"', '\\', ',', '//', '\\u0000', '\n')),
    }),
    fc.record({
      type: fc.constant('first-key'),
      text: fc.constantFrom(
        '"__proto__":{"role":"admin"}',
        '"type":"push"',
        '"type":"nothing"',
        '"constructor":{"prototype":{}}',
        '"commands":[]',
        '"":0',
      ),
    }),
    fc.record({
      type: fc.constant('number'),
      text: fc.constantFrom('1e999', '-1e999', '9'.repeat(400), '-0', '0.1', '1e3', '01', '+1', 'NaN', '0x10'),
    }),
    fc.record({
      type: fc.constant('string'),
      text: fc.constantFrom('\\ud800', '\\udfff', '\\u0000', '\\u202e', '\\x', '\u0007', 'x'.repeat(70_000)),
    }),
    fc.record({
      type: fc.constant('nest'),
      depth: fc.constantFrom(10, 1_000, 60_000),
      with: fc.constantFrom('[', '{"a":'),
    }),
    fc.record({ type: fc.constant('size'), bytes: fc.constantFrom(...sizes) }),
  )
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant<TextDamage>({ type: 'none' }) },
    { weight: 1, arbitrary: damaged },
  )
}

type Place = { holder: Record<string, unknown> | unknown[]; key: string }

/** The changed value; the given one stays as it was. */
export function changed(value: unknown, list: readonly Change[]): unknown {
  const root: Record<string, unknown> = { value: structuredClone(value) }
  for (const { op, at, key, value: given } of list) {
    const places = [...placesIn(root)]
    const place = places[at % places.length]
    if (!place) continue
    const { holder } = place
    if (op === 'add') {
      const target = Array.isArray(holder) ? null : holder
      // As JSON.parse does it: an own field, whatever its name.
      if (target && target !== root) define(target, key, given)
    } else if (op === 'delete') {
      if (Array.isArray(holder)) holder.splice(Number(place.key), 1)
      else if (holder !== root) delete holder[place.key]
    } else if (Array.isArray(holder)) holder[Number(place.key)] = given
    else define(holder, place.key, given)
  }
  return root['value']
}

/** Makes the damage. */
export function damaged(text: string, damage: TextDamage): string {
  switch (damage.type) {
    case 'none':
      return text
    case 'cut':
      return text.slice(0, Math.floor(text.length * damage.at))
    case 'insert': {
      const at = Math.floor(text.length * damage.at)
      return `${text.slice(0, at)}${damage.text}${text.slice(at)}`
    }
    case 'first-key':
      return text.replace('{', () => `{${damage.text},`)
    case 'number':
      return text.replace(/(?<=[:[,])-?\d+/, () => damage.text)
    case 'string':
      return text.replace(/(?<=:")/, () => damage.text)
    case 'nest':
      return damage.with.repeat(damage.depth)
    case 'size':
      return text + ' '.repeat(Math.max(0, damage.bytes - Buffer.byteLength(text)))
  }
}

function* placesIn(value: unknown): Generator<Place> {
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) {
      yield { holder: value, key: String(index) }
      yield* placesIn(inner)
    }
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      yield { holder: value, key }
      yield* placesIn(inner)
    }
  }
}

function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
