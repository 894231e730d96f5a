import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startLine } from '../../../../tests/fakes/line/line.ts'
import { sampleTemplates } from '../../../../tests/fakes/whatsapp/sample-templates.ts'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import { ChannelId } from '../../../domain/ids.ts'
import { SHOP } from '../../sample-hub.ts'
import { ChannelCheck, ChannelView, ChannelViews, TemplateRefresh } from '../../../sync/channel-settings.ts'
import { ASK_LIMITS } from './routes.ts'
import { PUBLIC, openSettingsHub, viewIn } from './sample-settings.ts'
import type { SettingsHub } from './sample-settings.ts'

const SHOP_LINE = ChannelId.parse('shop-line')
const LINE = { channelId: '2001', channelSecret: 'line-channel-secret', accessToken: 'line-access-token' }
const WHATSAPP = {
  phoneNumberId: '106540352242922',
  businessAccountId: '102290129340398',
  appSecret: 'meta-app-secret',
  accessToken: 'EAAmetaaccesstoken',
}
const SECRETS = [LINE.channelSecret, LINE.accessToken, WHATSAPP.appSecret, WHATSAPP.accessToken]
const NEW = { channelId: 'wa', kind: 'whatsapp', name: '信義店', botOn: false, botKeywords: [], welcomeText: null }

type Ask = Awaited<ReturnType<SettingsHub['as']>>

let line: Awaited<ReturnType<typeof startLine>>
let whatsapp: Awaited<ReturnType<typeof startWhatsApp>>
let hub: SettingsHub
let admin: Ask

beforeAll(async () => {
  line = await startLine()
  whatsapp = await startWhatsApp()
})
afterAll(async () => {
  expect([...line.calls.invalid(), ...whatsapp.calls.invalid()]).toEqual([])
  await Promise.all([line.close(), whatsapp.close()])
})
beforeEach(async () => {
  hub = await openSettingsHub({ line: line.apiUrl, lineData: line.dataUrl, graph: whatsapp.origin })
  admin = await hub.as('admin')
  const { text } = await admin('POST', '/channels', { ...NEW, channelId: SHOP_LINE, kind: 'line' })
  expect(text).toContain(SHOP_LINE)
})
afterEach(async () => {
  await hub.close()
})

/** A LINE account that finds the hub's channel `shop-line` at its public address. */
function lineAccount(more: { webhookUrl?: string | null; monthlyQuota?: number } = {}) {
  const id = String(2001 + line.accounts.length)
  const account = line.addAccount({
    ...LINE,
    channelId: id,
    accessToken: `${LINE.accessToken}-${id}`,
    webhookUrl: `${PUBLIC}/channels/shop-line/webhook`,
    name: '好日子',
    basicId: '@gooddays',
    tunnel: { [PUBLIC]: hub.url },
    ...more,
  })
  return { account, fields: { ...LINE, channelId: id, accessToken: `${LINE.accessToken}-${id}` } }
}

const health = async (id: ChannelId) => {
  const channel = await hub.core.row(SHOP, 'channel', id)
  return [channel?.connected, channel?.problem?.code ?? null]
}

describe('what a channel’s settings are', () => {
  it('has every channel of the team, with the addresses that others need', async () => {
    const answer = await admin('GET', '/channels/settings')
    const { channels } = ChannelViews.parse(answer.json)
    const webhook = (id: string) => ({ url: `${PUBLIC}/channels/${id}/webhook`, isHttps: true })
    expect(channels).toMatchObject([
      { channel: { id: 'line' }, account: null, webhook: webhook('line'), chat: null },
      { channel: { id: SHOP_LINE }, account: null, webhook: webhook(SHOP_LINE), chat: null },
      {
        channel: { id: 'webchat' },
        account: null,
        webhook: null,
        chat: { page: `${PUBLIC}/chat/webchat`, script: `${PUBLIC}/chat/webchat/embed.js` },
      },
    ])
  })

  it('says that a platform cannot call an address without TLS', async () => {
    const plain = await openSettingsHub({}, 'http://127.0.0.1:4680')
    const ask = await plain.as('admin')
    expect(viewIn(await ask('GET', '/channels/settings'), 'line').webhook?.isHttps).toBe(false)
    await plain.close()
  })

  it('[ROL-4] is an admin’s alone: anybody else is told who may, and nothing is changed', async () => {
    const ask = await hub.as('supervisor')
    const { kind: _, channelId, ...change } = NEW
    const answers = [
      await ask('GET', '/channels/settings'),
      await ask('POST', '/channels', NEW),
      await ask('PATCH', '/channels/line', { ...change, name: channelId }),
      await ask('PUT', '/channels/line/account', LINE),
      await ask('DELETE', '/channels/line/account'),
      await ask('POST', '/channels/line/check'),
      await ask('POST', '/channels/line/templates'),
    ]
    const refusal = { code: 'member.mayNot', params: {}, whoCould: ['admin'], instead: 'none' }
    expect(answers.map(({ status, json }) => [status, json])).toEqual(answers.map(() => [403, { error: refusal }]))
    expect((await hub.audit()).slice(1)).toEqual([
      ['supervisor', 'channel.add', 'wa', 'member.mayNot'],
      ['supervisor', 'channel.configure', 'line', 'member.mayNot'],
      ['supervisor', 'channel.connect', 'line', 'member.mayNot'],
      ['supervisor', 'channel.disconnect', 'line', 'member.mayNot'],
      ['supervisor', 'channel.check', 'line', 'member.mayNot'],
      ['supervisor', 'channel.readTemplates', 'line', 'member.mayNot'],
    ])
    expect(viewIn(await admin('GET', '/channels/settings'), 'line')).toMatchObject({
      channel: { name: '官網' },
      account: null,
    })
  })

  it('wants somebody who is signed in', async () => {
    const response = await fetch(`${hub.url}/channels/settings`)
    expect(response.status).toBe(401)
  })
})

describe('adding and changing a channel', () => {
  it('keeps its name, bot, keywords and greeting', async () => {
    const added = await admin('POST', '/channels', { ...NEW, botOn: true, botKeywords: ['營業時間', ' 營業時間 '] })
    expect(ChannelView.parse(added.json).channel).toEqual({
      id: 'wa',
      kind: 'whatsapp',
      name: '信義店',
      botOn: true,
      botKeywords: ['營業時間'],
      welcomeText: null,
      connected: false,
      problem: null,
    })
    const { channelId: _, kind: __, ...change } = NEW
    const changed = await admin('PATCH', '/channels/wa', { ...change, name: '站前店', welcomeText: '您好' })
    expect(changed.json).toMatchObject({ channel: { name: '站前店', botOn: false, welcomeText: '您好' } })
  })

  it('refuses what the rules refuse, by its code and field', async () => {
    const { channelId: _, kind: __, ...change } = NEW
    const answers = [
      await admin('POST', '/channels', { ...NEW, kind: 'wechat' }),
      await admin('POST', '/channels', { ...NEW, kind: 'fax' }),
      await admin('POST', '/channels', { ...NEW, channelId: 'line' }),
      await admin('PATCH', '/channels/line', { ...change, name: '  ' }),
      await admin('PATCH', '/channels/none', change),
      await admin('PATCH', '/channels/line', { ...change, botKeywords: Array<string>(101).fill('').map(String) }),
      await admin('PATCH', '/channels/line', { ...change, botKeywords: ['x'.repeat(51)] }),
      await admin('PATCH', '/channels/line', { ...change, welcomeText: 'x'.repeat(1_001) }),
    ]
    expect(answers.map(({ json }) => json)).toMatchObject([
      { error: { code: 'channel.notBuilt', params: { channel: 'wechat' } } },
      { error: { code: 'request.invalid', params: { field: 'kind' } } },
      { error: { code: 'request.invalid', params: { field: 'channelId' } } },
      { error: { code: 'text.empty' } },
      { error: { code: 'request.notFound' } },
      { channel: { botKeywords: [] } },
      { error: { code: 'channel.keywords' } },
      { error: { code: 'text.tooLong', params: { length: 1_001, max: 1_000 } } },
    ])
  })
})

describe('connecting a channel', () => {
  it('keeps the account sealed, says that it is connected, and notes who did it', async () => {
    const { fields } = lineAccount()
    const answer = await admin('PUT', '/channels/shop-line/account', fields)
    expect(ChannelView.parse(answer.json)).toMatchObject({
      channel: { connected: true, problem: null },
      account: {
        settings: { channelId: fields.channelId, loginChannelId: '' },
        secrets: ['channelSecret', 'accessToken'],
        calledAt: null,
      },
    })
    const connected = await hub.channels.connections.of({ teamId: SHOP, channelId: SHOP_LINE })
    expect(connected).not.toBeNull()
    expect((await hub.audit()).slice(1)).toEqual([['admin', 'channel.connect', 'shop-line', null]])
  })

  it('never gives a secret back: not in an answer, a row, the audit log, the log or the bytes of the database', async () => {
    const { fields } = lineAccount()
    await admin('POST', '/channels', NEW)
    const answers = [
      await admin('PUT', '/channels/shop-line/account', fields),
      await admin('PUT', '/channels/wa/account', WHATSAPP),
      await admin('PUT', '/channels/wa/account', { ...WHATSAPP, phoneNumberId: 'wrong' }),
      await admin('POST', '/channels/shop-line/check'),
      await admin('POST', '/channels/wa/check'),
      await admin('POST', '/channels/wa/templates'),
      await admin('GET', '/channels/settings'),
    ]
    await hub.channels.stop()
    const said = answers.map(({ text }) => text).join('\n')
    const accounts = await hub.db.selectFrom('channel_account').selectAll().execute()
    const kept = accounts.map(
      ({ settings, secrets }) => `${JSON.stringify(settings)} ${Buffer.from(secrets).toString('latin1')}`,
    )
    const noted = await hub.db.selectFrom('audit').selectAll().execute()
    const rows = await hub.db.selectFrom('channel').selectAll().execute()
    expect(accounts).toHaveLength(2)
    for (const secret of SECRETS) {
      expect(said).not.toContain(secret)
      expect(kept.join('\n')).not.toContain(secret)
      expect(JSON.stringify([noted, rows])).not.toContain(secret)
      expect(hub.written.join('')).not.toContain(secret)
    }
  })

  it('leaves what is not given, and secrets that are empty, as they are', async () => {
    const { fields } = lineAccount()
    await admin('PUT', '/channels/shop-line/account', fields)
    await admin('PUT', '/channels/shop-line/account', { loginChannelId: '2009', channelSecret: '', accessToken: ' ' })
    expect(await hub.channels.connections.account(SHOP, SHOP_LINE)).toEqual({
      ...fields,
      loginChannelId: '2009',
      loginChannelSecret: '',
    })
    await admin('PUT', '/channels/shop-line/account', { loginChannelId: '', accessToken: 'another' })
    expect(await hub.channels.connections.account(SHOP, SHOP_LINE)).toEqual({
      ...fields,
      accessToken: 'another',
      loginChannelId: '',
      loginChannelSecret: '',
    })
  })

  it('names the first field that is wrong, and keeps nothing then', async () => {
    await admin('POST', '/channels', NEW)
    const answers = [
      await admin('PUT', '/channels/shop-line/account', { channelId: '2001', channelSecret: 'x' }),
      await admin('PUT', '/channels/shop-line/account', { ...LINE, channelId: 'a b' }),
      await admin('PUT', '/channels/shop-line/account', { ...LINE, more: 'x' }),
      await admin('PUT', '/channels/wa/account', { ...WHATSAPP, businessAccountId: '' }),
      await admin('PUT', '/channels/wa/account', { ...WHATSAPP, graphVersion: 'newest' }),
      await admin('PUT', '/channels/webchat/account', {}),
      await admin('PUT', '/channels/none/account', LINE),
    ]
    expect(answers.map(({ status, json }) => [status, json])).toMatchObject([
      [400, { error: { code: 'request.invalid', params: { field: 'accessToken' } } }],
      [400, { error: { code: 'request.invalid', params: { field: 'channelId' } } }],
      [400, { error: { code: 'request.invalid', params: { field: 'more' } } }],
      [400, { error: { code: 'request.invalid', params: { field: 'businessAccountId' } } }],
      [400, { error: { code: 'request.invalid', params: { field: 'graphVersion' } } }],
      [400, { error: { code: 'request.invalid', params: { field: 'id' } } }],
      [404, { error: { code: 'request.notFound' } }],
    ])
    expect(await hub.db.selectFrom('channel_account').selectAll().execute()).toEqual([])
    expect(await health(SHOP_LINE)).toEqual([false, null])
    const codes = (await hub.audit()).filter(([, what]) => what === 'channel.connect').map(([, , , code]) => code)
    expect(codes).toEqual([...Array<string>(6).fill('request.invalid'), 'request.notFound'])
  })

  it('makes up the token that WhatsApp asks with, shows it, and keeps it', async () => {
    await admin('POST', '/channels', NEW)
    const first = ChannelView.parse((await admin('PUT', '/channels/wa/account', WHATSAPP)).json)
    const token = first.account?.settings['verifyToken'] ?? ''
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(first.account?.secrets).toEqual(['appSecret', 'accessToken'])
    const again = ChannelView.parse((await admin('PUT', '/channels/wa/account', { verifyToken: '' })).json)
    expect(again.account?.settings['verifyToken']).not.toBe('')
    const kept = ChannelView.parse((await admin('PUT', '/channels/wa/account', { graphVersion: 'v24.0' })).json)
    expect(kept.account?.settings).toMatchObject({
      verifyToken: again.account?.settings['verifyToken'],
      graphVersion: 'v24.0',
    })
    const account = whatsapp.addAccount({
      ...WHATSAPP,
      wabaId: WHATSAPP.businessAccountId,
      verifyToken: kept.account?.settings['verifyToken'] ?? '',
      displayPhoneNumber: '+886 2 2700 1234',
      verifiedName: '好日子百貨',
      webhookUrl: `${hub.url}/channels/wa/webhook`,
    })
    expect(await account.challenge()).toBe(true)
    expect(await account.challenge('another')).toBe(false)
  })

  it('fetches the templates by itself, and again when asked', async () => {
    await admin('POST', '/channels', NEW)
    const phoneNumberId = '106540352242933'
    const account = whatsapp.addAccount({
      ...WHATSAPP,
      phoneNumberId,
      wabaId: '102290129340333',
      verifyToken: 'v',
      displayPhoneNumber: '+886 2 2700 5678',
      verifiedName: '好日子百貨',
      webhookUrl: `${hub.url}/channels/wa/webhook`,
    })
    const [one, another] = sampleTemplates
    if (!one || !another) throw new Error('there are no sample templates')
    account.addTemplate(one)
    const fields = { ...WHATSAPP, phoneNumberId, businessAccountId: '102290129340333' }
    await admin('PUT', '/channels/wa/account', fields)
    await hub.channels.stop()
    const names = async () => {
      const rows = await hub.db.selectFrom('template').select('data').orderBy('id').execute()
      return rows.map(({ data }) => (typeof data === 'object' && data && 'name' in data ? data.name : null)).toSorted()
    }
    expect(await names()).toEqual([one.name])
    expect(viewIn(await admin('GET', '/channels/settings'), 'wa').account?.templatesAt).toBe(hub.clock.now)

    hub.clock.now += 60_000
    account.addTemplate(another)
    const read = TemplateRefresh.parse((await admin('POST', '/channels/wa/templates')).json)
    expect(read).toMatchObject({ ok: true, count: 2, view: { account: { templatesAt: hub.clock.now } } })
    expect(await names()).toEqual([one.name, another.name].toSorted())

    whatsapp.faults.next({ path: /message_templates/ }, { type: 'cut', effect: 'none' })
    expect((await admin('POST', '/channels/wa/templates')).json).toMatchObject({ ok: false })
    expect((await admin('POST', '/channels/shop-line/templates')).json).toMatchObject({
      error: { code: 'request.invalid', params: { field: 'id' } },
    })
  })

  it('forgets the account and its secrets when it is disconnected', async () => {
    const { fields } = lineAccount()
    await admin('PUT', '/channels/shop-line/account', fields)
    const gone = await admin('DELETE', '/channels/shop-line/account')
    expect(gone.json).toMatchObject({ channel: { connected: false }, account: null })
    expect(await hub.db.selectFrom('channel_account').selectAll().execute()).toEqual([])
    expect((await admin('DELETE', '/channels/webchat/account')).status).toBe(400)
    expect((await hub.audit()).slice(1)).toEqual([
      ['admin', 'channel.connect', 'shop-line', null],
      ['admin', 'channel.disconnect', 'shop-line', null],
      ['admin', 'channel.disconnect', 'webchat', 'request.invalid'],
    ])
  })
})

describe('checking a channel', () => {
  it('asks LINE step by step, which in turn reaches the hub', async () => {
    const { fields } = lineAccount()
    await admin('PUT', '/channels/shop-line/account', fields)
    const { steps, view } = ChannelCheck.parse((await admin('POST', '/channels/shop-line/check')).json)
    expect(steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['token', true],
      ['webhook', true],
      ['subscription', true],
      ['quota', true],
    ])
    expect(view.account?.calledAt).toBe(hub.clock.now)
  })

  it('stops at the first step that fails, and keeps what is wrong with the account until it is right', async () => {
    const { account, fields } = lineAccount({ monthlyQuota: 0 })
    await admin('PUT', '/channels/shop-line/account', fields)
    const failing = async () => {
      const { steps } = ChannelCheck.parse((await admin('POST', '/channels/shop-line/check')).json)
      const last = steps.at(-1)
      return [last?.step, last?.code, ...(await health(SHOP_LINE))]
    }
    expect(await failing()).toEqual(['quota', 'channel.quota', true, 'channel.quota'])

    account.isWebhookActive = false
    // A webhook that is not there is not the account's fault, and says nothing of it.
    expect(await failing()).toEqual(['subscription', null, true, 'channel.quota'])

    account.isWebhookActive = true
    account.accessToken = null
    expect(await failing()).toEqual(['token', 'channel.token', true, 'channel.token'])

    const right = lineAccount()
    await admin('PUT', '/channels/shop-line/account', right.fields)
    expect(await health(SHOP_LINE)).toEqual([true, null])
    expect(await failing()).toEqual(['quota', null, true, null])
  })

  it('takes a problem back when every step passes', async () => {
    const { fields } = lineAccount()
    await admin('PUT', '/channels/shop-line/account', fields)
    await hub.core.system(SHOP, 'channel.health', { channelId: SHOP_LINE, problem: 'channel.restricted' })
    await admin('POST', '/channels/shop-line/check')
    expect(await health(SHOP_LINE)).toEqual([true, null])
  })

  it('says so where there is no account', async () => {
    expect((await admin('POST', '/channels/shop-line/check')).json).toMatchObject({
      steps: [{ step: 'token', ok: false, code: 'channel.unconnected' }],
    })
    expect((await admin('POST', '/channels/webchat/check')).status).toBe(400)
  })

  it('is not done as often as one likes', async () => {
    const answers = []
    for (let n = 0; n <= ASK_LIMITS.check.points; n += 1) answers.push(await admin('POST', '/channels/shop-line/check'))
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(ASK_LIMITS.check.points).fill(200), 429])
    expect(answers.at(-1)?.json).toMatchObject({
      error: { code: 'request.tooMany', params: { seconds: expect.any(Number) } },
    })
  })
})
