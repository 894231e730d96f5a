/** A member at a workstation without a screen: the local API, as the page uses it. */
import { hc } from 'hono/client'
import { v7 as newId } from 'uuid'
import type { ConversationId, MemberId } from '../../backend/domain/ids.ts'
import type { MemberCommandName, CommandArgs } from '../../backend/domain/commands.ts'
import { MessageId } from '../../backend/domain/ids.ts'
import type { AppType } from '../../backend/workstation/app.ts'
import { Content } from '../../backend/domain/messages/content.ts'
import type {
  AppState,
  CommandAnswer,
  ConversationRow,
  ListQuery,
  QueueView,
  UploadedAttachment,
} from '../../backend/workstation/views.ts'
import { until } from './until.ts'

export class Desk {
  readonly #client: ReturnType<typeof hc<AppType>>
  readonly #url: string
  readonly #ask: typeof fetch
  #cookie = ''

  constructor(url: string) {
    this.#url = url
    this.#ask = async (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('origin', url)
      if (this.#cookie) headers.set('cookie', this.#cookie)
      const answer = await fetch(input, { ...init, headers })
      const given = answer.headers.get('set-cookie')
      if (given) this.#cookie = given.split(';')[0] ?? ''
      return answer
    }
    this.#client = hc<AppType>(url, { fetch: this.#ask })
  }

  /** Signs in and waits until everything is on the device. */
  async signIn(email: string, password: string): Promise<void> {
    await this.enter(email, password)
    await this.connectionIs('online')
  }

  /** Signs in, with the hub or with the device alone, and waits for nothing more. */
  async enter(email: string, password: string): Promise<void> {
    await this.state()
    const answer = await this.#client.api['sign-in'].$post({ json: { email, password } })
    if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`)
  }

  async connectionIs(state: 'online' | 'offline'): Promise<void> {
    await until(`the connection is ${state}`, async () => (await this.state()).connection.state === state)
  }

  async me(): Promise<MemberId> {
    const { session } = await this.state()
    if (session.state !== 'open') throw new Error(`nobody is at this desk: ${session.state}`)
    return session.member.id
  }

  async rows(list: ListQuery['list']): Promise<ConversationRow[]> {
    const answer = await this.#client.api.conversations.$get({ query: { list, limit: '200' } })
    if (answer.status !== 200) throw new Error(`the list answered ${answer.status}`)
    const { rows } = await answer.json()
    // JSON has no brands; the rows were checked when they came in.
    return rows as ConversationRow[]
  }

  /** The status the conversation answers with: 200 while the member sees it, 404 otherwise. */
  async statusOf(id: ConversationId): Promise<number> {
    return (await this.#client.api.conversations[':id'].$get({ param: { id } })).status
  }

  async texts(id: ConversationId): Promise<string[]> {
    const answer = await this.#client.api.conversations[':id'].messages.$get({ param: { id }, query: {} })
    if (answer.status !== 200) return []
    const page = await answer.json()
    if (!('messages' in page)) return []
    return page.messages.flatMap(({ body }) => ('text' in body ? [body.text] : []))
  }

  /** Waits until the thread has this text. */
  async sees(id: ConversationId, text: string): Promise<void> {
    await until(`the thread has ${text}`, async () => (await this.texts(id)).includes(text), { within: 20_000 })
  }

  async run<N extends MemberCommandName>(name: N, args: CommandArgs<N>): Promise<CommandAnswer> {
    const answer = await this.#client.api.commands.$post({ json: { name, args } })
    if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}`)
    return (await answer.json()) as CommandAnswer
  }

  async take(conversationId: ConversationId): Promise<CommandAnswer> {
    return this.run('conversation.take', { conversationId, messageId: freshMessageId() })
  }

  async reply(conversationId: ConversationId, text: string): Promise<CommandAnswer> {
    return this.run('message.send', { conversationId, messageId: freshMessageId(), content: { kind: 'text', text } })
  }

  async note(conversationId: ConversationId, text: string): Promise<CommandAnswer> {
    return this.run('note.add', { conversationId, messageId: freshMessageId(), text })
  }

  /** How many messages the device finds for these words. */
  async finds(q: string): Promise<number> {
    const answer = await this.#client.api.search.$get({ query: { q } })
    if (answer.status !== 200) throw new Error(`searching answered ${answer.status}`)
    return (await answer.json()).messages.length
  }

  /** Keeps a file on the device, to be sent. */
  async attach(conversationId: ConversationId, name: string, content: string): Promise<UploadedAttachment> {
    const query = new URLSearchParams({ conversationId, name })
    const answer = await this.#ask(`${this.#url}/api/attachments?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: content,
    })
    if (answer.status !== 200) throw new Error(`attaching answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as UploadedAttachment
  }

  async sendFile(conversationId: ConversationId, { attachmentId, name, mime, size }: UploadedAttachment) {
    const content = Content.parse({ kind: 'file', attachmentId, name, mime, size })
    return this.run('message.send', { conversationId, messageId: freshMessageId(), content })
  }

  async transfer(conversationId: ConversationId, toMemberId: MemberId): Promise<CommandAnswer> {
    return this.run('conversation.transfer', { conversationId, messageId: freshMessageId(), toMemberId })
  }

  async saveDraft(id: ConversationId, reply: string): Promise<void> {
    const json = { mode: 'reply' as const, reply, note: '', attachmentIds: [] }
    const { status } = await this.#client.api.drafts[':id'].$put({ param: { id }, json })
    if (status !== 200) throw new Error(`the draft answered ${status}`)
  }

  /** What was typed and refused, as the queue panel shows it. */
  async refusedTexts(): Promise<(string | null)[]> {
    return (await this.queue()).refused.map(({ text }) => text)
  }

  async state(): Promise<AppState> {
    // JSON has no brands.
    return (await (await this.#client.api.state.$get()).json()) as AppState
  }

  async queue(): Promise<QueueView> {
    const answer = await this.#client.api.queue.$get()
    if (answer.status !== 200) throw new Error(`the queue answered ${answer.status}`)
    return (await answer.json()) as QueueView
  }

  /** Tries to reach the hub now instead of at the end of the usual wait. */
  async wake(): Promise<void> {
    await this.#client.api.wake.$post()
  }
}

/** An id as the page makes it. */
export function freshMessageId(): MessageId {
  return MessageId.parse(newId())
}
