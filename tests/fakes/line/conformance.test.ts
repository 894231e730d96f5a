/** The fake against LINE's published contract, when `COUNTERTOP_CONTRACTS` names the folder that has it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OUTGOING, playEverything } from './broad-run.ts'
import type { Exchange } from './broad-run.ts'
import { lineContract } from './contract.ts'
import { ENDPOINTS } from './endpoints.ts'
import type { Endpoint } from './endpoints.ts'
import { text } from './test-world.ts'
import type { World } from './test-world.ts'

const folder = process.env['COUNTERTOP_CONTRACTS'] ?? ''

describe.runIf(folder === '')('LINE’s published contract', () => {
  it('was left out, for COUNTERTOP_CONTRACTS names no folder that has it', () => {
    expect(folder).toBe('')
  })
})

describe.runIf(folder !== '')('LINE’s published contract', () => {
  // Set by `beforeAll`, which does not run when there is no contract.
  let contract: ReturnType<typeof lineContract>
  let world: World
  let exchanges: Exchange[]
  beforeAll(async () => {
    contract = lineContract(folder)
    ;({ world, exchanges } = await playEverything())
  })
  afterAll(() => world.close())

  it('has every endpoint of the fake', () => {
    const ours = Object.values(ENDPOINTS)
      .filter(({ isLogin }: Endpoint) => !isLogin)
      .map(({ method, path }: Endpoint) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(contract.endpoints).toEqual(expect.arrayContaining(ours))
  })

  it('takes every request of a broad run', () => {
    const wrong = world.line.calls.all().flatMap(({ method, path, body, headers }) => {
      const problems = contract.request(method, path, body, headers)
      return problems.length > 0 ? [{ method, path, problems }] : []
    })
    expect(wrong).toEqual([])
    expect(world.line.calls.all().length).toBeGreaterThan(40)
  })

  it('knows every answer the fake gives', () => {
    const wrong = exchanges.flatMap(({ method, path, status, answer }) => {
      const problems = contract.answer(method, path, status, answer)
      return problems.length > 0 ? [{ method, path, status, problems }] : []
    })
    expect(wrong).toEqual([])
    expect(exchanges.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 202, 404, 409, 422]))
  })

  it('knows every webhook body the fake sends', async () => {
    await world.line.deliveries.idle()
    expect(world.hook.bodies().flatMap((body) => contract.webhook(body))).toEqual([])
    expect(world.hook.bodies().length).toBeGreaterThan(30)
  })

  const PUSH = '/v2/bot/message/push'
  it.each([
    ['a message of no type', 'POST', PUSH, { to: '?', messages: [{ type: 'bogus' }] }],
    ['no message', 'POST', PUSH, { to: '?', messages: [] }],
    ['six messages', 'POST', PUSH, { to: '?', messages: Array.from({ length: 6 }, () => text('x')) }],
    ['no receiver', 'POST', PUSH, { messages: [text('x')] }],
    ['a text without its text', 'POST', PUSH, { to: '?', messages: [{ type: 'text' }] }],
    ['a picture without an address', 'POST', PUSH, { to: '?', messages: [{ type: 'image' }] }],
    [
      'a location without a place',
      'POST',
      PUSH,
      { to: '?', messages: [{ type: 'location', title: 'x', address: 'y' }] },
    ],
    ['a switch that is a word', 'POST', PUSH, { to: '?', messages: [text('x')], notificationDisabled: 'yes' }],
    ['a Flex Message of no kind', 'POST', PUSH, { to: '?', messages: [{ ...OUTGOING[8], contents: { type: 'x' } }] }],
    ['a reply without its token', 'POST', '/v2/bot/message/reply', { messages: [text('x')] }],
    [
      '501 receivers',
      'POST',
      '/v2/bot/message/multicast',
      { to: Array.from({ length: 501 }, () => '?'), messages: [text('x')] },
    ],
    [
      '501 users of a rich menu',
      'POST',
      '/v2/bot/richmenu/bulk/unlink',
      { userIds: Array.from({ length: 501 }, () => '?') },
    ],
    ['a wait of four seconds', 'POST', '/v2/bot/chat/loading/start', { chatId: '?', loadingSeconds: 4 }],
    ['a path that is none', 'GET', '/v2/bot/message/everything', undefined],
  ])('refuses %s, as the fake does', async (_what, method, path, body) => {
    const user = world.account.addUser({ isFriend: true })
    const asked: unknown = body && JSON.parse(JSON.stringify(body).replaceAll('"?"', `"${user.id}"`))
    expect(contract.request(method, path, asked)).not.toEqual([])
    const { status } = await world.call(method, path, asked)
    expect([400, 404]).toContain(status)
    expect(world.line.calls.all().at(-1)?.problems).not.toEqual([])
    expect(world.account.messagesFor(user)).toEqual([])
  })

  it('refuses a retry key that is no UUID, as the fake does', async () => {
    const headers = { 'x-line-retry-key': 'once' }
    const body = { to: world.account.userId, messages: [text('x')] }
    expect(contract.request('POST', PUSH, body, headers)).not.toEqual([])
    expect((await world.call('POST', PUSH, body, headers)).status).toBe(400)
  })
})
