import { pino } from 'pino'
import { expect, it } from 'vitest'
import { ChannelId, TeamId } from '../../domain/ids.ts'
import type { Connected } from './connections.ts'
import { webhookPath, webhookRoutes } from './webhooks.ts'

const channelId = ChannelId.parse('line-1')
const connected: Connected = {
  teamId: TeamId.parse('shop'),
  channel: {
    id: channelId,
    kind: 'line',
    name: 'LINE',
    botOn: false,
    botKeywords: [],
    welcomeText: null,
    connected: true,
    problem: null,
  },
  connection: {
    webhook: { isGenuine: () => true, events: () => [{ id: 'one', event: {} }], parse: () => [] },
    send: () => Promise.reject(new Error('nothing is sent here')),
    check: () => Promise.resolve([]),
  },
}

/** The routes over an inbox whose keeping ends as the test says. */
function over(kept: Promise<void>) {
  const routes = webhookRoutes({
    connections: { find: () => Promise.resolve(connected), called: () => Promise.resolve() },
    inbox: { take: () => kept },
    log: pino({ level: 'silent' }),
    clock: () => 0,
  })
  return Promise.resolve(routes.request(webhookPath(channelId), { method: 'POST', body: '{}' }))
}

it('a call is answered only when its events are durable', async () => {
  const kept = Promise.withResolvers<void>()
  let answered = false
  const answer = over(kept.promise).finally(() => (answered = true))
  // Whatever was ready to run has run.
  await new Promise((resolve) => setImmediate(resolve))
  expect(answered).toBe(false)
  kept.resolve()
  expect((await answer).status).toBe(200)
})

it('a call whose events could not be kept is not answered as taken: the platform tells them again', async () => {
  expect((await over(Promise.reject(new Error('the disk is full')))).status).toBe(500)
})
