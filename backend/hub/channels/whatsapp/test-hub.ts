/** The hub's side of a WhatsApp account for tests: messages to send, and an address that takes the platform's webhooks. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { AttachmentId, ChannelId, ConversationId, MessageId, TeamId } from '../../../domain/ids.ts'
import type { Body, Channel, Template, Time } from '../../../domain/rows.ts'
import type { Attempt, ChannelEvent, Connection, Outgoing, RawEvent } from '../platform.ts'

export const NUMBER = '106540352242922'
export const ACCOUNT = {
  phoneNumberId: NUMBER,
  businessAccountId: '102290129340398',
  appSecret: 'app secret',
  verifyToken: 'verify token',
  accessToken: 'EAAaccesstoken',
  graphVersion: 'v23.0',
}
export const PLACE = { teamId: TeamId.parse('team'), channelId: ChannelId.parse('whatsapp-1') }

const channel: Channel = {
  id: PLACE.channelId,
  kind: 'whatsapp',
  name: 'WhatsApp',
  botOn: false,
  botKeywords: [],
  welcomeText: null,
  connected: true,
  problem: null,
}

/** An attempt that says what became of it. */
export type TestAttempt = Attempt & { begun: number }

export function attempt(now: Time, earlier: Attempt['earlier'] = null): TestAttempt {
  return {
    begun: 0,
    earlier,
    begin() {
      this.begun += 1
      return Promise.resolve({ begunAt: now, reply: null })
    },
    dropReply: () => Promise.resolve(),
  }
}

export type TestFile = { name: string; mime: string; bytes: Uint8Array<ArrayBuffer> }

export type ToSend = {
  to: string
  body: Body
  attempt: Attempt
  id?: string
  template?: Template | null
  /** By attachment id; any other is gone. */
  files?: Record<string, TestFile>
}

export function outgoing({ to, body, attempt, id = 'message-1', template = null, files = {} }: ToSend): Outgoing {
  return {
    ...PLACE,
    channel,
    contact: { kind: 'person', externalId: to },
    conversation: { id: ConversationId.parse('conversation-1'), kind: 'direct' },
    message: { id: MessageId.parse(id), body },
    template,
    attempt,
    file(attachmentId) {
      const file = files[attachmentId]
      if (!file) return Promise.reject(new Error('gone'))
      return Promise.resolve({ ...file, size: file.bytes.length })
    },
    pictureUrl: () => 'https://hub.example/picture',
  }
}

export const text = (value: string): Body => ({ kind: 'text', text: value })

export function fileBody(
  mime: 'application/pdf' | 'audio/mpeg' | 'video/mp4' | 'image/png' | 'text/csv',
  name: string,
) {
  return { kind: 'file', attachmentId: AttachmentId.parse('file-1'), name, mime, size: 4 } satisfies Body
}

export type TestHub = {
  url: string
  raw: RawEvent[]
  events(): ChannelEvent[]
  close(): Promise<void>
}

/** Takes what the connection's webhook takes for genuine. @param connection asked at each call: it may not be there yet */
export async function startHub(connection: () => Connection): Promise<TestHub> {
  const raw: RawEvent[] = []
  const server = createServer(async (request, response) => {
    const { webhook } = connection()
    if (!webhook) throw new Error('no webhook')
    if (request.method === 'GET') {
      const challenge = webhook.challenge?.(new URL(request.url ?? '', 'http://hub.invalid').searchParams) ?? null
      response.writeHead(challenge === null ? 403 : 200).end(challenge ?? '')
      return
    }
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(Buffer.from(piece))
    const body = Buffer.concat(pieces)
    const headers = new Headers({ 'x-hub-signature-256': String(request.headers['x-hub-signature-256']) })
    const isGenuine = webhook.isGenuine(body, headers)
    if (isGenuine) raw.push(...webhook.events(JSON.parse(body.toString())))
    response.writeHead(isGenuine ? 200 : 401).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the hub has no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/whatsapp`,
    raw,
    events: () => raw.flatMap(({ event }) => connection().webhook?.parse(event) ?? []),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
