import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSampleHub } from './sample-hub.ts'
import type { SampleHub } from './sample-hub.ts'

let hub: SampleHub
beforeAll(async () => {
  hub = await openSampleHub()
}, 60_000)
afterAll(() => hub.close())

describe('every answer', () => {
  it('carries a request id and headers that keep it from running, framing or leaking', async () => {
    const { headers } = await hub.app.request('/healthz')
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('lets no other site read it', async () => {
    const origin = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const method of ['OPTIONS', 'POST', 'GET']) {
      const { headers } = await hub.app.request('/auth/sign-in', { method, headers: origin })
      expect(headers.has('access-control-allow-origin')).toBe(false)
    }
  })

  it('is coded for what is not there and for our own faults, without a trace of where', async () => {
    const unknown = await hub.app.request('/no/such/<script>')
    expect([unknown.status, (await unknown.json()).error.code]).toEqual([404, 'request.notFound'])
    const broken = await hub.app.request('/broken')
    expect([broken.status, await broken.json()]).toEqual([
      500,
      { error: { code: 'internal.error', params: {}, whoCould: null, instead: 'none' } },
    ])
    const id = broken.headers.get('x-request-id')
    expect(hub.written.filter((line) => line.includes('a request failed') && line.includes(String(id)))).toHaveLength(1)
    expect(hub.written.join('')).not.toContain('<script>')
  })
})

it('says that it is well, and counts', async () => {
  expect(await (await hub.app.request('/healthz')).json()).toEqual({ ok: true })
  const metrics = await hub.app.request('/metrics')
  expect(metrics.headers.get('content-type')).toContain('text/plain')
  const text = await metrics.text()
  for (const name of ['process_resident_memory_bytes', 'http_request_seconds_bucket', 'commands_total', 'jobs']) {
    expect(text).toContain(`countertop_${name}`)
  }
})
