/**
 * What an example cannot fix is written `$kind.name`: it stands for whatever the hub gives where it is met first, and
 * for the same from then on. Two refresh tokens, ids, epochs or keys of different names are never the same.
 */

type Kind = (value: unknown) => boolean

const HOUR = 3_600_000
const DAY = 24 * HOUR
const isText = (value: unknown) => typeof value === 'string' && value !== '' && !value.startsWith('$')
const KINDS: Record<string, Kind> = {
  /** Milliseconds since 1970, of about now. */
  time: (value) => Number.isInteger(value) && Math.abs(Number(value) - Date.now()) < HOUR,
  /** The beginning of a day (UTC) in the last months. */
  day: (value) =>
    Number.isInteger(value) && Number(value) % DAY === 0 && Math.abs(Date.now() - Number(value)) < 100 * DAY,
  access: isText,
  refresh: isText,
  id: (value) => isText(value) && /^[A-Za-z0-9_-]{8,64}$/.test(String(value)),
  epoch: isText,
  /** 32 bytes in base64. */
  key: (value) => isText(value) && Buffer.from(String(value), 'base64').length === 32,
}
/** Of these, two names may come to the same. */
const REPEATABLE = ['time', 'day', 'access']
const WHOLE = /^\$([a-z]+)\.([a-z0-9-]+)$/
const WITHIN = /\$[a-z]+\.[a-z0-9-]+/g

export class Placeholders {
  readonly #known = new Map<string, unknown>()

  /** A text to send, with what the placeholders in it stand for. */
  inText(text: string): string {
    return text.replaceAll(WITHIN, (name) => String(this.#valueOf(name)))
  }

  /** A value to send. */
  inValue(value: unknown): unknown {
    if (typeof value === 'string') return WHOLE.test(value) ? this.#valueOf(value) : value
    if (Array.isArray(value)) return value.map((item) => this.inValue(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.inValue(inner)]))
  }

  /** Where `actual` is not what the document says, as paths; none when it is the same throughout. */
  differences(expected: unknown, actual: unknown, path = ''): string[] {
    if (typeof expected === 'string' && WHOLE.test(expected)) {
      return this.#isIt(expected, actual) ? [] : [`${path} is not ${expected}`]
    }
    if (isParts(expected) && isParts(actual) && Array.isArray(expected) === Array.isArray(actual)) {
      const [wanted, given] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))]
      const keys = [...new Set([...wanted.keys(), ...given.keys()])]
      return keys.flatMap((key) => {
        const at = `${path}/${key}`
        if (!given.has(key)) return [`${at} is missing`]
        if (!wanted.has(key)) return [`${at} is not in the document`]
        return this.differences(wanted.get(key), given.get(key), at)
      })
    }
    return Object.is(expected, actual) ? [] : [`${path || '/'} is otherwise`]
  }

  /** What the hub answered, in the words of the document. */
  described(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.described(item))
    if (isParts(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.described(inner)]))
    }
    const known = [...this.#known].find(([, one]) => one === value)
    return known ? known[0] : value
  }

  #isIt(name: string, actual: unknown): boolean {
    if (this.#known.has(name)) return this.#known.get(name) === actual
    const [, kind = ''] = WHOLE.exec(name) ?? []
    if (!KINDS[kind]) throw new Error(`${name}: there is no kind ${kind}`)
    const taken = !REPEATABLE.includes(kind) && [...this.#known.values()].includes(actual)
    if (taken || !KINDS[kind](actual)) return false
    this.#known.set(name, actual)
    return true
  }

  #valueOf(name: string): unknown {
    if (!this.#known.has(name)) throw new Error(`${name} is sent before the hub has given it`)
    return this.#known.get(name)
  }
}

function isParts(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
