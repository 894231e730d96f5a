/**
 * The sandbox: fakes of LINE, WhatsApp and an SMS provider with the demo team's accounts on them, and the phones of a few
 * customers, to be played by hand. What is played lives as long as it runs.
 */
import { DEMO_LINE, DEMO_WHATSAPP } from '../../../backend/hub/demo/platforms.ts'
import { lineChannel, team, whatsappChannel } from '../../../backend/hub/demo/team.ts'
import { startLine } from '../line/line.ts'
import type { LineFake } from '../line/line.ts'
import { WebhookBody } from '../line/webhook-schemas.ts'
import type { Call } from '../platform/calls.ts'
import type { Attempt } from '../platform/webhook.ts'
import { startSms } from '../sms/sms.ts'
import type { SmsFake } from '../sms/sms.ts'
import { sampleTemplates } from '../whatsapp/sample-templates.ts'
import { Webhook } from '../whatsapp/schemas/webhooks.ts'
import { startWhatsApp } from '../whatsapp/whatsapp.ts'
import type { WhatsAppFake } from '../whatsapp/whatsapp.ts'
import { Board } from './board.ts'
import { FAILURES, LineFailures, WhatsAppFailures } from './failures.ts'
import { Files } from './files.ts'
import type { HubLink } from './hub-link.ts'
import { LinePhones } from './line-phones.ts'
import { Refusal } from './refusal.ts'
import type { SampleFile } from './samples.ts'
import type { Act, All, CallLine, Chat, DeliveryLine, Entry, Settings } from './view.ts'
import { WhatsAppPhones } from './whatsapp-phones.ts'

/** What stands for the hub's public address, which LINE wants to be an https one: the fakes know where it leads. */
export const PUBLIC_URL = 'https://hub.demo.countertop.example'
const SMS_TOKEN = 'demo-sms-token'

export type SandboxParts = {
  /** Where the hub listens, or is going to. */
  hubUrl: string
  hub: HubLink
  /** ms */
  now?: () => number
}

/** Everything the fakes were asked and told, for whoever compares it with the platforms' contracts. */
export type Recorded = {
  line: { calls: readonly Call[]; webhooks: unknown[] }
  whatsapp: { calls: readonly Call[]; webhooks: unknown[] }
  sms: { calls: readonly Call[] }
}

export type Sandbox = {
  line: LineFake
  whatsapp: WhatsAppFake
  sms: SmsFake
  board: Board
  files: Files
  /** Everything there is to see now. */
  all(): All
  /** @throws Refusal */
  act(act: Act): Promise<void>
  /** A customer sends a file of their own. @throws Refusal */
  sendFile(chatId: string, as: string | undefined, file: SampleFile): void
  record(): Recorded
  close(): Promise<void>
}

export async function startSandbox({ hubUrl, hub, now = Date.now }: SandboxParts): Promise<Sandbox> {
  const [line, whatsapp, sms] = await Promise.all([
    startLine({ now }),
    startWhatsApp({ now }),
    startSms({ accept: { token: SMS_TOKEN }, now }),
  ])
  const tunnel = { [PUBLIC_URL]: hubUrl }
  const webhookUrl = ({ id }: { id: string }) => `${PUBLIC_URL}/channels/${id}/webhook`
  const shop = line.addAccount({
    ...DEMO_LINE,
    webhookUrl: webhookUrl(lineChannel),
    name: team.name,
    basicId: '@gooddays',
    tunnel,
  })
  const business = whatsapp.addAccount({
    phoneNumberId: DEMO_WHATSAPP.phoneNumberId,
    wabaId: DEMO_WHATSAPP.businessAccountId,
    appSecret: DEMO_WHATSAPP.appSecret,
    verifyToken: DEMO_WHATSAPP.verifyToken,
    accessToken: DEMO_WHATSAPP.accessToken,
    displayPhoneNumber: '+886 2 2700 1234',
    verifiedName: team.name,
    webhookUrl: `${hubUrl}/channels/${whatsappChannel.id}/webhook`,
    automatic: 'delivered',
    tunnel,
  })
  for (const template of sampleTemplates) business.addTemplate(template)

  const board = new Board()
  const files = new Files()
  const lines = new LinePhones({ account: shop, board, files, now })
  const whatsapps = new WhatsAppPhones({ account: business, board, files, now })
  const failures = { line: new LineFailures(line), whatsapp: new WhatsAppFailures(whatsapp, business) }
  const closing = new AbortController()
  let isHubThere = false
  let toldOf = ''

  const settings = (): Settings => ({
    automatic: business.settings.automatic ?? 'delivered',
    next: { line: failures.line.next, whatsapp: failures.whatsapp.next },
    isHubThere,
  })
  function tellSettings(): void {
    const now = settings()
    if (JSON.stringify(now) === toldOf) return
    toldOf = JSON.stringify(now)
    board.tell({ type: 'settings', settings: now })
  }

  for (const [platform, { calls }] of [
    ['line', line],
    ['whatsapp', whatsapp],
    ['sms', sms],
  ] as const) {
    calls.on((call) => {
      board.addCall(callLine(platform, call))
      tellSettings()
    })
  }
  line.deliveries.on((attempt) => board.addDelivery(deliveryLine('line', attempt)))
  whatsapp.deliveries.on((attempt) => board.addDelivery(deliveryLine('whatsapp', attempt)))

  const meeting = hub.customers(closing.signal).then(
    (customers) => {
      for (const customer of customers) {
        if (customer.channel === 'line') lines.meet(customer)
        else if (customer.channel === 'whatsapp') whatsapps.meet(customer)
      }
      isHubThere = true
      tellSettings()
    },
    (error: unknown) => {
      if (!closing.signal.aborted) throw error
    },
  )

  function chatOf(id: string): Chat {
    const chat = board.chat(id)
    if (!chat) throw new Refusal('notThere')
    return chat
  }
  function entryOf(id: string, chat: Chat): Entry {
    const entry = board.entry(id)
    if (entry?.chatId !== chat.id) throw new Refusal('notThere')
    return entry
  }
  /** What only one of the platforms has. */
  function only(app: 'whatsapp' | 'line' | 'group', chat: Chat): void {
    if (chat.app !== app) throw new Refusal('notHere')
  }

  async function act(act: Act): Promise<void> {
    if (act.do === 'automatic') {
      business.settings.automatic = act.to
      return
    }
    if (act.do === 'failNext') {
      if (!failures[act.platform].set(act.failure)) throw new Refusal('notThere')
      return
    }
    const chat = chatOf(act.chat)
    const isWhatsApp = chat.app === 'whatsapp'
    switch (act.do) {
      case 'write':
        return isWhatsApp ? whatsapps.write(chat, act.text) : lines.write(chat, act.as, act.text)
      case 'sample':
        return isWhatsApp ? whatsapps.sample(chat, act.what) : lines.sample(chat, act.as, act.what)
      case 'unsend':
        if (isWhatsApp) throw new Refusal('notHere')
        return lines.unsend(chat, entryOf(act.entry, chat))
      case 'react':
        only('whatsapp', chat)
        return whatsapps.react(chat, entryOf(act.entry, chat), act.emoji)
      case 'press':
        only('whatsapp', chat)
        return whatsapps.press(chat, entryOf(act.entry, chat), act.button)
      case 'follow':
        if (chat.app === 'group') throw new Refusal('notHere')
        return isWhatsApp ? whatsapps.unblock(chat) : lines.follow(chat)
      case 'block':
        if (chat.app === 'group') throw new Refusal('notHere')
        return isWhatsApp ? whatsapps.block(chat) : lines.block(chat)
      case 'join':
        only('group', chat)
        return lines.join(chat)
      case 'leave':
        only('group', chat)
        return lines.leave(chat)
      case 'memberJoin':
        only('group', chat)
        return lines.memberJoin(chat, act.as)
      case 'memberLeave':
        only('group', chat)
        return lines.memberLeave(chat, act.as)
      case 'advance':
        only('whatsapp', chat)
        return whatsapps.advance(entryOf(act.entry, chat), act.to)
      case 'passTime':
        only('whatsapp', chat)
        await hub.passTime(whatsappChannel.id, chat.id, act.hours)
        return whatsapps.passTime(chat, act.hours)
    }
  }

  return {
    line,
    whatsapp,
    sms,
    board,
    files,
    all: () => ({ type: 'all', ...board.all(), settings: settings(), failures: FAILURES }),
    async act(what) {
      await act(what)
      tellSettings()
    },
    sendFile(chatId, as, file) {
      const chat = chatOf(chatId)
      if (chat.app === 'whatsapp') whatsapps.file(chat, file)
      else lines.file(chat, as, file)
    },
    record: () => ({
      line: { calls: line.calls.all(), webhooks: line.deliveries.log.map(({ body }) => body) },
      whatsapp: { calls: whatsapp.calls.all(), webhooks: whatsapp.deliveries.log.map(({ body }) => body) },
      sms: { calls: sms.calls.all() },
    }),
    async close() {
      closing.abort()
      await meeting
      await Promise.all([line.close(), whatsapp.close(), sms.close()])
    },
  }
}

function callLine(platform: CallLine['platform'], { n, at, method, path, status, problems, fault }: Call): CallLine {
  return { id: `${platform}-${n}`, platform, at, method, path, status, problems, fault: fault?.type ?? null }
}

function deliveryLine(platform: DeliveryLine['platform'], done: Attempt): DeliveryLine {
  const { n, at, status, failure, attempt, body } = done
  const what = platform === 'line' ? lineEvents(body) : whatsappEvents(body)
  return { id: `${platform}-${n}`, platform, at, status, failure, attempt, what }
}

function lineEvents(body: unknown): string[] {
  return WebhookBody.parse(body).events.map(({ type }) => type)
}

function whatsappEvents(body: unknown): string[] {
  const values = Webhook.parse(body).entry.flatMap(({ changes }) => changes.map(({ value }) => value))
  return values.flatMap((value) => {
    if ('messages' in value) return value.messages.map(({ type }) => type)
    return 'statuses' in value ? value.statuses.map(({ status }) => status) : ['errors']
  })
}
