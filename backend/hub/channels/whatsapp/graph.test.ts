import { afterEach, describe, expect, it, vi } from 'vitest'
import { TryLater } from '../platform.ts'
import { bodyOf, createGraph, tryLater } from './graph.ts'

const graph = createGraph('https://graph.example', 'v23.0', 'token', { call: 1_000, send: 1_000, bytes: 1_000 })

afterEach(() => {
  vi.unstubAllGlobals()
})

/** What `fetch` throws for a fault of the network. */
function networkFault(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause })
}

async function whenFetchThrows(error: unknown) {
  vi.stubGlobal('fetch', vi.fn<typeof fetch>().mockRejectedValue(error))
  const { state } = await graph.call({ method: 'POST', path: '1/messages', body: {} })
  return state
}

const fault = (more: object) => Object.assign(new Error('x'), more)
const refused = fault({ code: 'ECONNREFUSED', syscall: 'connect' })

describe('a call that fails on its way', () => {
  it.each([
    ['a host that refuses', refused],
    ['a host out of reach', fault({ code: 'EHOSTUNREACH', syscall: 'connect' })],
    ['a name nobody knows', fault({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
    ['a connection that does not come about', fault({ code: 'UND_ERR_CONNECT_TIMEOUT' })],
    ['a certificate that is not theirs', fault({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
    ['a certificate that is over', fault({ code: 'CERT_HAS_EXPIRED' })],
    ['several addresses, each in vain', new AggregateError([refused, refused])],
  ])('never left with %s', async (_, cause) => {
    expect(await whenFetchThrows(networkFault(cause))).toBe('unsent')
  })

  it.each([
    ['a connection that breaks', networkFault(fault({ code: 'ECONNRESET', syscall: 'read' }))],
    ['one that is closed', networkFault(fault({ code: 'UND_ERR_SOCKET' }))],
    ['headers that do not come', networkFault(fault({ code: 'UND_ERR_HEADERS_TIMEOUT' }))],
    ['no answer in time', new DOMException('x', 'TimeoutError')],
    ['several addresses, of which one may have heard it', networkFault(new AggregateError([refused, fault({})]))],
    ['no address at all', networkFault(new AggregateError([]))],
    ['something unknown', networkFault(undefined)],
  ])('may have arrived with %s', async (_, error) => {
    expect(await whenFetchThrows(error)).toBe('silent')
  })
})

describe('what is only read', () => {
  it('is asked for again after whatever is no answer', () => {
    expect(bodyOf({ state: 'ok', body: [1] })).toEqual([1])
    for (const answer of [
      { state: 'refused', refusal: { message: '', code: 131047 }, body: {} },
      { state: 'odd', status: 302, pause: 0 },
      { state: 'unsent', cause: refused },
      { state: 'silent', cause: refused },
    ] as const) {
      expect(() => bodyOf(answer)).toThrow(TryLater)
    }
  })

  it('says why, for when it never works', () => {
    const why = tryLater({ state: 'refused', refusal: { message: 'words', code: 80007 }, body: {} })
    expect(why).toMatchObject({ code: 'channel.rateLimited', platformCode: '80007', pause: 60_000 })
    expect(why.message).not.toContain('words')
  })
})
