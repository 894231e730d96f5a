/** HTTP requests as plain data: any route with any method, query, headers and body, right or wrong. */
import fc from 'fast-check'
import { oddText } from './arbitrary.ts'
import { changed, changes, damaged, textDamages } from './mutate.ts'
import type { Change, TextDamage } from './mutate.ts'
import { anyValue, resolved } from './pools.ts'
import type { Signs } from './pools.ts'
import { ask, askRaw } from './http.ts'
import type { HttpAnswer, RawEnd } from './http.ts'

export type Body =
  | { type: 'none' }
  | { type: 'json'; value: unknown; changes: Change[]; damage: TextDamage }
  | { type: 'bytes'; size: number; begin: string }

/** A route with what it takes when it is asked rightly. */
export type Route = {
  method: string
  /** `:name` is filled in from `params`. */
  path: string
  params?: Record<string, fc.Arbitrary<string>>
  query?: Record<string, fc.Arbitrary<string>>
  json?: fc.Arbitrary<unknown>
  /** Bytes are sent as the body. */
  bytes?: readonly number[]
  type?: string
  weight?: number
}

export type Request = {
  method: string
  path: string
  query: string
  headers: Record<string, string>
  body: Body
  /** Written in pieces to a connection of its own; null for a proper client. */
  raw: { cutAt: number; end: RawEnd; pieces: number } | null
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND', 'TRACE', 'M-SEARCH'] as const
const ODD_HEADERS: Record<string, fc.Arbitrary<string>> = {
  'content-type': fc.constantFrom('text/plain', 'application/xml', 'application/json; charset=utf-16', 'x', ''),
  accept: fc.constantFrom('*/*', 'x'.repeat(8_000)),
  'accept-language': fc.constantFrom('zh-TW', 'en', '*', 'x'.repeat(1_000), ';;q=,'),
  range: fc.constantFrom('bytes=0-1', 'bytes=-99999999999', 'x'),
  'if-none-match': fc.constantFrom('*', '""', 'x'),
  expect: fc.constantFrom('100-continue'),
  'x-odd': fc.constantFrom('x'.repeat(15_000), 'x'.repeat(17_000), '\u00ff'),
  'x-http-method-override': fc.constant('DELETE'),
  'x-request-id': fc.constant("'; drop table audit; --"),
  origin: fc.constantFrom('null', 'https://evil.example', 'http://127.0.0.1'),
  host: fc.constantFrom('evil.example', '127.0.0.1:1', '', 'a b', 'x'.repeat(300)),
}

/** Requests of these routes. `sizes`: bytes around the limits of their JSON. */
export function requestsOf(routes: readonly Route[], sizes: readonly number[]): fc.Arbitrary<Request> {
  const weighted = routes.map((route) => ({ weight: route.weight ?? 1, arbitrary: requestOf(route, sizes) }))
  return fc.oneof(...weighted)
}

function requestOf(route: Route, sizes: readonly number[]): fc.Arbitrary<Request> {
  const params = Object.entries(route.params ?? {})
  const fields = Object.entries(route.query ?? {})
  const path = fc
    .tuple(...params.map(([, values]) => rarely(24, values, oddText.map(encoded))))
    .map((given) =>
      params.reduce((at, [name], index) => at.replace(`:${name}`, () => String(given[index])), route.path),
    )
  const query = fc.record({
    given: fc.record(Object.fromEntries(fields), { requiredKeys: [] }),
    odd: rarely(
      12,
      fc.constant(''),
      fc.constantFrom(
        '&x=1',
        '&limit=1e9',
        '&before=-1',
        '&%00',
        '&a[]=1',
        '&__proto__=1',
        `&${'x'.repeat(9_000)}`,
        '&name=%ff',
      ),
    ),
  })
  return fc.record({
    method: rarely(16, fc.constant(route.method), fc.constantFrom<string[]>(...METHODS)),
    path: rarely(
      40,
      path,
      fc.oneof(fc.webPath(), fc.constantFrom('*', '//', '/%', '/..%2f..', `/${'x'.repeat(20_000)}`, '/\u0001')),
    ),
    query: query.map(({ given, odd }) => queryText(given) + odd),
    headers: rarely(
      10,
      fc.constant({}),
      fc.record<Record<string, string>>(ODD_HEADERS, { requiredKeys: [] }).map(firstTwo),
    ),
    body: bodyOf(route, sizes),
    raw: rarely(
      30,
      fc.constant(null),
      fc.record({
        cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
        end: fc.constantFrom<RawEnd[]>('wait', 'half-close', 'reset'),
        pieces: fc.integer({ min: 1, max: 5 }),
      }),
    ),
  })
}

function bodyOf({ json, bytes }: Route, sizes: readonly number[]): fc.Arbitrary<Body> {
  const none = fc.constant<Body>({ type: 'none' })
  const odd = fc.record({
    type: fc.constant('bytes' as const),
    size: fc.constantFrom(0, 1, 100, ...sizes),
    begin: fc.constantFrom('', '{', '\u0000', 'zqt text', '%PDF-1.7\n', '\u0089PNG\r\n'),
  })
  if (json) {
    const value = fc.record({
      type: fc.constant('json' as const),
      value: json,
      changes: changes(anyValue),
      damage: textDamages(sizes),
    })
    return fc.oneof<fc.MaybeWeightedArbitrary<Body>[]>(
      { weight: 20, arbitrary: value },
      { weight: 1, arbitrary: odd },
      none,
    )
  }
  if (bytes) {
    const given = fc.record({
      type: fc.constant('bytes' as const),
      size: fc.constantFrom(...bytes),
      begin: fc.constantFrom('zqt text', '%PDF-1.7\n', ''),
    })
    return rarely(8, given, odd)
  }
  return rarely(20, none, odd)
}

/** The request as it goes out. */
export type Made = {
  headers: Record<string, string>
  body: Buffer | null
  /** Null when the body is no JSON, after all. */
  text: string | null
  target: string
  isHttp: boolean
}

/** Puts it together; `headers` are those of a good client, which the odd ones replace. */
export async function make(request: Request, headers: Record<string, string>, signs: Signs): Promise<Made> {
  const { body: wanted, path, query } = request
  let body: Buffer | null = null
  let text: string | null = null
  if (wanted.type === 'json') {
    const real = await resolved(changed(wanted.value, wanted.changes), signs)
    text = damaged(JSON.stringify(real) ?? '', wanted.damage)
    body = Buffer.from(text)
  } else if (wanted.type === 'bytes') {
    body = Buffer.alloc(wanted.size, 'x')
    Buffer.from(wanted.begin).copy(body)
  }
  const at = await resolvedIn(path, /(?<=\/)@[^/]+/g, signs)
  const asked = await resolvedIn(query, /(?<==)%40[^&]+/g, (sign) => signs(decodeURIComponent(sign)))
  const all = { ...headers, ...request.headers }
  if (body) all['content-length'] = String(body.length)
  const target = asked === '' ? at : `${at}?${asked.replace(/^&/, '')}`
  const bytes =
    target.length + Object.entries(all).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
  // What no client of ours would write goes out in raw bytes; the reader below us may refuse it.
  const sane = /^[!-~]+$/.test(target) && target.startsWith('/') && bytes < 15_000 && isHeaders(all)
  return { headers: all, body, text, target, isHttp: sane && request.raw === null }
}

/** Sends it. */
export async function send(url: string, { method, raw }: Request, made: Made): Promise<HttpAnswer> {
  const { headers, body, target, isHttp } = made
  if (isHttp) return ask({ url, method, path: target, headers, body })
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const whole = Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${head.join('')}connection: close\r\n\r\n`, 'latin1'),
    body ?? Buffer.alloc(0),
  ])
  const { cutAt, end, pieces } = raw ?? { cutAt: 1, end: 'wait' as const, pieces: 1 }
  const sent = whole.subarray(0, raw ? Math.ceil(whole.length * cutAt) : whole.length)
  const size = Math.max(1, Math.ceil(sent.length / pieces))
  const parts = Array.from({ length: Math.ceil(sent.length / size) }, (_, n) => sent.subarray(n * size, (n + 1) * size))
  // Of half a request nobody may expect an answer soon.
  return { ...(await askRaw(url, parts, end, sent.length < whole.length ? 200 : 5_000)), method }
}

function rarely<A, B>(weight: number, usual: fc.Arbitrary<A>, other: fc.Arbitrary<B>): fc.Arbitrary<A | B> {
  return fc.oneof<fc.MaybeWeightedArbitrary<A | B>[]>({ weight, arbitrary: usual }, { weight: 1, arbitrary: other })
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()) || '%20'
}

function queryText(given: Record<string, unknown>): string {
  return Object.entries(given)
    .map(([name, value]) => `${name}=${encoded(String(value))}`)
    .join('&')
}

function firstTwo(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).slice(0, 2))
}

function isHeaders(headers: Record<string, string>): boolean {
  const { host = '', expect } = headers
  return (
    /^[\w.:-]+$/.test(host) && expect === undefined && Object.values(headers).every((one) => /^[\t -~]*$/.test(one))
  )
}

async function resolvedIn(text: string, pattern: RegExp, signs: Signs): Promise<string> {
  let out = text
  for (const [sign] of text.matchAll(pattern)) {
    const given = String(await signs(sign))
    out = out.replace(sign, () => given)
  }
  return out
}
