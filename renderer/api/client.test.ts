import { Hono } from 'hono'
import { hc } from 'hono/client'
import { describe, expect, it } from 'vitest'
import { refuse } from '../../backend/domain/refusal.ts'
import { call } from './client.ts'

const app = new Hono()
  .get('/fine', (c) => c.json({ total: 3 }))
  .get('/refused', (c) => c.json({ error: refuse('conversation.closed', {}, { instead: 'reopen' }) }, 409))
  .get('/strange', (c) => c.json({ error: 'no' }, 500))
  .get('/page', (c) => c.html('<h1>Gateway</h1>', 502))
const client = hc<typeof app>('http://local', { fetch: app.request.bind(app) })

describe('a call', () => {
  it('gives what the route answers', async () => {
    expect(await call(client.fine.$get())).toEqual({ ok: true, value: { total: 3 } })
  })

  it('[ROL-4] gives the refusal as it came', async () => {
    const refusal = { code: 'conversation.closed', params: {}, whoCould: null, instead: 'reopen' }
    expect(await call(client.refused.$get())).toEqual({ ok: false, refusal })
  })

  it('says so when the answer cannot be understood', async () => {
    for (const answer of [await call(client.strange.$get()), await call(client.page.$get())]) {
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'workstation.garbled' } })
    }
  })

  it('says so when nobody answers', async () => {
    const deaf = hc<typeof app>('http://local', { fetch: () => Promise.reject(new TypeError('Failed to fetch')) })
    expect(await call(deaf.fine.$get())).toMatchObject({ ok: false, refusal: { code: 'workstation.unreachable' } })
  })
})
