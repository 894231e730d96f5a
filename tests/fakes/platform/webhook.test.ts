import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../world/until.ts'
import { startHook } from './hook.ts'
import { Deliveries } from './webhook.ts'
import type { DeliverySettings } from './webhook.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function startHub(answers: (number | null)[] = []) {
  const hub = await startHook(answers)
  open.push(hub.close)
  return hub
}

function startDeliveries(settings: Partial<DeliverySettings> = {}) {
  const deliveries = new Deliveries({
    now: () => 7,
    settings: { retryAfterMs: 20, timeoutMs: 2_000, ...settings },
    redelivered: (body) => ({ ...(body as object), again: true }),
  })
  open.push(() => deliveries.close())
  const to = (port: number, key = 'a') => ({
    key,
    address: () => `http://127.0.0.1:${port}/${key}`,
    sign: (raw: string) => ({ 'x-signature': `signed ${raw.length}` }),
  })
  return { deliveries, to }
}

describe('deliveries', () => {
  it('post each body once, signed, in order, when it is taken', async () => {
    const hub = await startHub()
    const { deliveries, to } = startDeliveries()
    for (let n = 1; n <= 5; n++) deliveries.send(to(hub.port), { n })
    await deliveries.idle()
    expect(hub.got.map(({ path, body, headers }) => ({ path, body, signature: headers['x-signature'] }))).toEqual(
      [1, 2, 3, 4, 5].map((n) => ({ path: '/a', body: { n }, signature: `signed ${JSON.stringify({ n }).length}` })),
    )
    expect(deliveries.log[0]).toEqual({
      n: 1,
      recipient: 'a',
      attempt: 1,
      at: 7,
      status: 200,
      failure: null,
      ms: expect.any(Number),
      body: { n: 1 },
      isDuplicate: false,
    })
  })

  it('post again, marked as such, what was refused or got no answer, until it is taken', async () => {
    const hub = await startHub([500, null])
    const { deliveries, to } = startDeliveries({ timeoutMs: 1_000 })
    deliveries.send(to(hub.port), { n: 1 })
    await deliveries.idle()
    expect(hub.bodies()).toEqual([{ n: 1 }, { n: 1, again: true }, { n: 1, again: true }])
    expect(deliveries.log.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, null],
      [3, 200],
    ])
  })

  it('outlast a hub that is down', async () => {
    const hub = await startHub()
    await hub.down()
    const { deliveries, to } = startDeliveries()
    deliveries.send(to(hub.port), { n: 1 })
    deliveries.send(to(hub.port), { n: 2 })
    await until('two attempts each have failed', () => deliveries.log.length >= 4)
    expect(deliveries.waiting()).toBe(2)
    await hub.up()
    await deliveries.idle()
    expect(hub.bodies()).toHaveLength(2)
    expect(hub.bodies()).toEqual(expect.arrayContaining([1, 2].map((n) => ({ n, again: true }))))
  })

  it('give a body up after so many attempts', async () => {
    const hub = await startHub([500, 500, 500, 500])
    const { deliveries, to } = startDeliveries({ attempts: 3 })
    deliveries.send(to(hub.port), { n: 1 })
    await deliveries.idle()
    expect(hub.got).toHaveLength(3)
  })

  it('let others pass a body that waits for its next attempt, unless the order is kept', async () => {
    const play = async (keepsOrder: boolean) => {
      const hub = await startHub([500])
      const { deliveries, to } = startDeliveries({ keepsOrder })
      deliveries.send(to(hub.port), { n: 1 })
      deliveries.send(to(hub.port), { n: 2 })
      await deliveries.idle()
      return hub.got.map(({ body }) => (body as { n: number }).n)
    }
    expect(await play(false)).toEqual([1, 2, 1])
    expect(await play(true)).toEqual([1, 1, 2])
  })

  it('post one at a time to a recipient, or as many as are allowed', async () => {
    const atOnce = async (parallel: number) => {
      const hub = await startHub([null, null, null])
      const { deliveries, to } = startDeliveries({ parallel })
      for (let n = 1; n <= 3; n++) deliveries.send(to(hub.port), { n })
      await until('as many as may have come', () => hub.got.length === parallel)
      expect(deliveries.waiting()).toBe(3)
      return hub.got.length
    }
    expect([await atOnce(1), await atOnce(2)]).toEqual([1, 2])
  })

  it('do not let one recipient wait for another', async () => {
    const slow = await startHub([null])
    const quick = await startHub()
    const { deliveries, to } = startDeliveries({ timeoutMs: 60_000 })
    deliveries.send(to(slow.port, 'slow'), { n: 1 })
    deliveries.send(to(quick.port, 'quick'), { n: 2 })
    await until('the other has its own', () => quick.got.length === 1)
    expect(deliveries.waiting()).toBe(1)
  })

  it('come once more although they were taken, when asked to, but not for an attempt that failed', async () => {
    const hub = await startHub([500])
    const { deliveries, to } = startDeliveries({ duplicate: () => true })
    deliveries.send(to(hub.port), { n: 1 })
    await deliveries.idle()
    expect(hub.bodies()).toEqual([{ n: 1 }, { n: 1, again: true }, { n: 1, again: true }])
    expect(deliveries.log.map(({ attempt, isDuplicate }) => [attempt, isDuplicate])).toEqual([
      [1, false],
      [2, false],
      [1, true],
    ])
  })

  it('wait while they are held back', async () => {
    const hub = await startHub()
    const { deliveries, to } = startDeliveries()
    const heard: (number | null)[] = []
    deliveries.on(({ status }) => heard.push(status))
    deliveries.pause()
    deliveries.send(to(hub.port), { n: 1 })
    expect([deliveries.waiting(), hub.got.length]).toEqual([1, 0])
    deliveries.resume()
    await deliveries.idle()
    expect(heard).toEqual([200])
  })

  it('are given up when they are closed', async () => {
    const hub = await startHub([500, 500])
    const { deliveries, to } = startDeliveries({ retryAfterMs: 60_000 })
    deliveries.send(to(hub.port), { n: 1 })
    await until('one attempt has failed', () => deliveries.log.length === 1)
    const idle = deliveries.idle()
    deliveries.close()
    await idle
    expect(deliveries.waiting()).toBe(0)
  })
})
