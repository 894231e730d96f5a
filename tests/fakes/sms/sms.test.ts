import { afterEach, describe, expect, it } from 'vitest'
import { startSms, TEXT_MAX } from './sms.ts'
import type { SmsFake, SmsOptions } from './sms.ts'

const open: SmsFake[] = []
afterEach(async () => {
  for (const sms of open.splice(0)) await sms.close()
})

async function start(options: Partial<SmsOptions> = {}) {
  const sms = await startSms({ accept: { token: 'token' }, now: () => 7, ...options })
  open.push(sms)
  async function post(body: object, token = 'token') {
    const answer = await fetch(sms.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: await answer.json() }
  }
  return { sms, post }
}

const message = { to: '+886912345678', text: '您的商品到貨了', reference: 'n-1' }

describe('the SMS provider', () => {
  it('sends a message once for a reference, and gives the same answer again', async () => {
    const { sms, post } = await start()
    sms.faults.next({ path: /sms/ }, { type: 'cut', effect: 'done' })
    await expect(post(message)).rejects.toThrow('fetch failed')
    const [first, second] = [await post(message), await post(message)]
    expect(second).toEqual(first)
    expect(first).toEqual({ status: 202, body: { id: expect.any(String), status: 'accepted' } })
    expect(sms.messagesFor('+886912345678')).toEqual([{ id: expect.any(String), at: 7, ...message }])
  })

  it('refuses another message under a reference that is used', async () => {
    const { sms, post } = await start()
    await post(message)
    expect((await post({ ...message, text: '另一則' })).status).toBe(409)
    expect((await post({ ...message, reference: 'n-2' })).status).toBe(202)
    expect(sms.messagesFor('+886912345678').map(({ reference }) => reference)).toEqual(['n-1', 'n-2'])
  })

  it.each([
    ['a number that is not E.164', { ...message, to: '0912345678' }],
    ['no text', { ...message, text: '' }],
    ['too long a text', { ...message, text: 'x'.repeat(TEXT_MAX + 1) }],
    ['no reference', { to: message.to, text: message.text }],
    ['a field nobody knows', { ...message, from: 'shop' }],
  ])('refuses %s', async (_, body) => {
    const { sms, post } = await start()
    expect((await post(body)).status).toBe(400)
    expect(sms.calls.invalid()).toHaveLength(1)
    expect(sms.messagesFor(message.to)).toEqual([])
  })

  it('refuses another token, and keeps none in what it writes down', async () => {
    const { sms, post } = await start()
    expect((await post(message, 'another')).status).toBe(401)
    await post(message)
    expect(sms.messagesFor(message.to)).toHaveLength(1)
    expect(JSON.stringify(sms.calls.all())).not.toContain('token')
  })

  it('reports once that a phone took it', async () => {
    const receipts = await startSms({ accept: { path: '/receipts', token: 'token' } })
    open.push(receipts)
    const { sms, post } = await start({ receiptUrl: receipts.url, deliveries: { attempts: 1 } })
    await post(message)
    await post(message)
    await sms.deliveries.idle()
    expect(receipts.calls.all().map(({ body }) => body)).toEqual([
      { id: sms.messagesFor(message.to)[0]?.id, reference: 'n-1', status: 'delivered' },
    ])
  })
})
