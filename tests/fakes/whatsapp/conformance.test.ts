import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { broadRun } from './broad-run.ts'
import type { Answered } from './broad-run.ts'
import { whatsappContract } from './contract.ts'
import type { WhatsAppContract } from './contract.ts'
import { corrections } from './corrections/corrections.ts'
import { inspect } from './inspect.ts'
import { Webhook } from './schemas/webhooks.ts'
import { startTestWorld } from './test-world.ts'
import type { TestWorld } from './test-world.ts'

const folder = process.env['COUNTERTOP_CONTRACTS']
const SEND = '/v23.0/106540352242922/messages'

it(`Meta's published contract ${folder === undefined ? 'was left out: COUNTERTOP_CONTRACTS names no folder' : 'is compared with'}`, () => {
  expect(corrections.every(({ at, why }) => at.length > 0 && why.length > 0)).toBe(true)
})

describe.runIf(folder !== undefined)("Meta's published contract", () => {
  let contract: WhatsAppContract
  let world: TestWorld
  let answers: Answered[]
  beforeAll(async () => {
    contract = whatsappContract(folder ?? '')
    world = await startTestWorld()
    answers = await broadRun(world)
  })
  afterAll(() => world.close())

  it('refuses its own examples as published, all 50 sends and 16 webhooks, and none as corrected', () => {
    const count = ({ examples, request, webhook }: WhatsAppContract) => ({
      sends: Object.values(examples.sends).filter((body) => request('POST', SEND, body).length > 0).length,
      webhooks: Object.values(examples.webhooks).filter((body) => webhook(body).length > 0).length,
    })
    expect([Object.keys(contract.examples.sends).length, Object.keys(contract.examples.webhooks).length]).toEqual([
      50, 16,
    ])
    expect(count(whatsappContract(folder ?? '', []))).toEqual({ sends: 50, webhooks: 16 })
    expect(count(contract)).toEqual({ sends: 0, webhooks: 0 })
  })

  it('has every endpoint of the fake', () => {
    const missing = world.whatsapp.calls.all().filter(({ method, path }) => !contract.has(method, path))
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  })

  it('finds every request valid that the fake finds valid', () => {
    const calls = world.whatsapp.calls.all()
    const problems = calls.map(({ method, path, body }) => ({
      path,
      body,
      problems: contract.request(method, path, body),
    }))
    expect(world.whatsapp.calls.invalid()).toEqual([])
    expect(problems.filter((one) => one.problems.length > 0)).toEqual([])
    const kinds = calls
      .filter(({ path }) => path === SEND)
      .flatMap(({ body }) => (isObject(body) && typeof body['type'] === 'string' ? [body['type']] : []))
    expect([...new Set(kinds)].toSorted()).toEqual(
      ['audio', 'contacts', 'document', 'image', 'interactive', 'location', 'reaction', 'sticker', 'template']
        .concat(['text', 'video'])
        .toSorted(),
    )
  })

  it('finds every answer of the fake valid, refusals too', () => {
    const problems = answers.map(({ method, path, status, body }) => ({
      ...{ path, status, body },
      problems: contract.answer(method, path, status, body),
    }))
    expect(problems.filter((one) => one.problems.length > 0)).toEqual([])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 401, 404]))
  })

  it('finds every webhook of the fake valid', () => {
    const problems = world.hub.bodies.map((body) => ({ body, problems: contract.webhook(body) }))
    expect(problems.filter((one) => one.problems.length > 0)).toEqual([])
    const kinds = new Set(world.hub.messages().map(({ type }) => type))
    expect([...kinds].toSorted()).toEqual(
      ['audio', 'button', 'contacts', 'document', 'image', 'interactive', 'location', 'order', 'reaction', 'sticker']
        .concat(['text', 'unsupported', 'video'])
        .toSorted(),
    )
    expect(new Set(world.hub.statuses().map(({ status }) => status))).toEqual(
      new Set(['sent', 'delivered', 'read', 'failed']),
    )
  })

  const message = { messaging_product: 'whatsapp', to: '886912345678' }
  const button = (title: string) => ({ type: 'reply', reply: { id: title, title } })
  it.each([
    ['of no known kind', { ...message, type: 'bogus', bogus: {} }],
    ['without its content', { ...message, type: 'text' }],
    ['with a field nobody knows', { ...message, type: 'text', text: { body: 'x' }, extra: 1 }],
    ['to nobody', { messaging_product: 'whatsapp', type: 'text', text: { body: 'x' } }],
    ['without the product', { to: '886912345678', type: 'text', text: { body: 'x' } }],
    [
      'with too much attached',
      { ...message, type: 'text', text: { body: 'x' }, biz_opaque_callback_data: 'x'.repeat(513) },
    ],
    [
      'with four buttons',
      {
        ...message,
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'x' },
          action: { buttons: ['a', 'b', 'c', 'd'].map(button) },
        },
      },
    ],
    ['of a picture without id or link', { ...message, type: 'image', image: { caption: 'x' } }],
    ['of a template without a language', { ...message, type: 'template', template: { name: 'x' } }],
    [
      'of a template with a component of no known kind',
      {
        ...message,
        type: 'template',
        template: { name: 'x', language: { code: 'zh_TW' }, components: [{ type: 'bogus' }] },
      },
    ],
    [
      'of a template with a text of no text',
      {
        ...message,
        type: 'template',
        template: {
          name: 'x',
          language: { code: 'zh_TW' },
          components: [{ type: 'body', parameters: [{ type: 'text' }] }],
        },
      },
    ],
    ['that marks as read what is not named', { messaging_product: 'whatsapp', status: 'read' }],
    ['that marks as unread', { messaging_product: 'whatsapp', status: 'unread', message_id: 'wamid.AAAA' }],
  ])('refuses, as the fake does, a request %s', (_, body) => {
    expect(contract.request('POST', SEND, body)).not.toEqual([])
    expect(inspect({ method: 'POST', path: SEND, body })).not.toEqual([])
  })

  const inbound = { from: '886912345678', id: 'wamid.AAAA', timestamp: '1782871200' }
  it.each([
    ['of no known kind', { messages: [{ ...inbound, type: 'bogus' }] }],
    ['without its content', { messages: [{ ...inbound, type: 'image' }] }],
    ['of another kind than its content', { messages: [{ ...inbound, type: 'image', text: { body: 'x' } }] }],
    ['from nobody', { messages: [{ ...inbound, from: undefined, type: 'text', text: { body: 'x' } }] }],
    [
      'of a reply of no known kind',
      {
        messages: [
          { ...inbound, type: 'interactive', context: { from: '1', id: 'wamid.B' }, interactive: { type: 'bogus' } },
        ],
      },
    ],
    [
      'of a status nobody knows',
      { statuses: [{ id: 'wamid.A', status: 'seen', timestamp: '1782871200', recipient_id: '1' }] },
    ],
    ['of nothing at all', {}],
  ])('refuses, as the fake does, a webhook %s', (_, value) => {
    const body = JSON.parse(
      JSON.stringify({
        object: 'whatsapp_business_account',
        entry: [
          {
            id: '1',
            changes: [
              {
                field: 'messages',
                value: {
                  messaging_product: 'whatsapp',
                  metadata: { display_phone_number: '886227001234', phone_number_id: '1' },
                  contacts: [{ profile: { name: 'x' }, wa_id: '886912345678' }],
                  ...value,
                },
              },
            ],
          },
        ],
      }),
    )
    expect(contract.webhook(body)).not.toEqual([])
    expect(Webhook.safeParse(body).success).toBe(false)
  })
})

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
