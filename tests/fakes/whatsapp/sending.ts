/** `POST /{phone-number-id}/messages`: what the platform decides about a message that is in order, and what becomes of it. */
import type { WhatsAppAccount } from './account.ts'
import type { WhatsAppUser } from './customer.ts'
import type { Refusal } from './errors.ts'
import { mediaFault } from './media.ts'
import type { Media, MediaStore } from './media.ts'
import type { SendRequest } from './schemas/requests.ts'
import { fillTemplate, isRefusal } from './templates.ts'
import type { SentMessage } from './sent.ts'

/** A message that was accepted, and its way from there: called once, when the answer has left. */
export type Accepted = { sent: SentMessage; user: WhatsAppUser | null; proceed: () => Promise<void> }

/** Refuses a message, or accepts it; nothing is told to anybody before `proceed` is called. */
export function accept(
  account: WhatsAppAccount,
  message: SendRequest,
  rate: RateLimit,
  store: MediaStore,
): Accepted | Refusal {
  const to = message.to ?? message.recipient ?? ''
  const user = account.user(to)
  const limited = rate.take(account, to)
  if (limited) return limited
  const upset = account.upsets.shift()
  if (upset?.atOnce) return upset.refusal
  if (user?.isBlocked) return { code: 131026, details: 'The business has blocked this user.' }
  const template = message.type === 'template' ? fillTemplate(account.templates(), message.template) : null
  if (isRefusal(template)) return template
  const file = fileOf(message)
  const held = file === null || !('id' in file) ? null : heldMedia(account, store, file)
  if (isRefusal(held)) return held
  const closed = closedFor(account, message, user)
  if (closed && account.settings.windowAtOnce) return closed
  const sent = account.sent.add(
    { to, callbackData: message.biz_opaque_callback_data ?? null, message, template, media: held },
    user,
  )
  return {
    sent,
    user,
    async proceed() {
      const failure = upset?.refusal ?? unreachable(user) ?? closed ?? (await fetchLinked(account, sent, file))
      if (failure) account.sent.fail(sent.wamid, failure)
      else account.sent.advance(sent.wamid, account.settings.automatic ?? 'delivered')
    },
  }
}

/** Counts what an account sends, by the fake's clock. */
export class RateLimit {
  readonly #now: () => number
  readonly #times = new Map<string, readonly number[]>()

  constructor(now: () => number) {
    this.#now = now
  }

  take({ settings: { phoneNumberId, rate } }: WhatsAppAccount, to: string): Refusal | null {
    const { perSecond, perCustomer } = rate ?? {}
    const customer = `${phoneNumberId} ${to}`
    if (perCustomer && this.#since(customer, perCustomer.ms) >= perCustomer.messages) {
      return { code: 131056, details: 'Too many messages sent to the same phone number in a short time.' }
    }
    if (perSecond !== undefined && this.#since(phoneNumberId, 1000) >= perSecond) {
      return { code: 130429, details: 'Message throughput has been reached.' }
    }
    for (const key of [customer, phoneNumberId]) if (rate) this.#times.set(key, [...this.#at(key), this.#now()])
    return null
  }

  #since(key: string, within: number): number {
    return this.#at(key).filter((at) => at > this.#now() - within).length
  }

  #at(key: string): readonly number[] {
    return this.#times.get(key) ?? []
  }
}

type File = ({ id: string } | { link: string }) & { as: string }

/** The file that a message has, also in the header of a template or of buttons. */
function fileOf(message: SendRequest): File | null {
  switch (message.type) {
    case 'image':
      return { ...message.image, as: 'image' }
    case 'video':
      return { ...message.video, as: 'video' }
    case 'audio':
      return { ...message.audio, as: 'audio' }
    case 'document':
      return { ...message.document, as: 'document' }
    case 'sticker':
      return { ...message.sticker, as: 'sticker' }
    case 'interactive':
      return message.interactive.header === undefined ? null : inHeader(message.interactive.header)
    case 'template': {
      const parameter = message.template.components?.flatMap((one) => (one.type === 'header' ? one.parameters : []))[0]
      return parameter === undefined ? null : inHeader(parameter)
    }
    default:
      return null
  }
}

type Header = NonNullable<Extract<SendRequest, { type: 'interactive' }>['interactive']['header']>

function inHeader(header: Header): File | null {
  switch (header.type) {
    case 'text':
      return null
    case 'image':
      return { ...header.image, as: 'image' }
    case 'video':
      return { ...header.video, as: 'video' }
    case 'document':
      return { ...header.document, as: 'document' }
  }
}

function heldMedia(
  account: WhatsAppAccount,
  store: MediaStore,
  { id, as }: { id: string; as: string },
): Media | Refusal {
  const media = store.get(id)
  if (media === null || media.owner !== account.settings.phoneNumberId) {
    return { code: 131053, details: `there is no media ${id}` }
  }
  return mediaFault(media, as) ?? media
}

function closedFor(account: WhatsAppAccount, message: SendRequest, user: WhatsAppUser | null): Refusal | null {
  if (message.type === 'template' || user === null || account.isOpen(user)) return null
  return { code: 131047, details: 'More than 24 hours have passed since the customer last replied to this number.' }
}

function unreachable(user: WhatsAppUser | null): Refusal | null {
  return user === null ? { code: 131026, details: 'The recipient is not a WhatsApp user.' } : null
}

/** Gets a file given by link where the account has a tunnel to it, as the platform does before it goes on. */
async function fetchLinked(account: WhatsAppAccount, sent: SentMessage, file: File | null): Promise<Refusal | null> {
  if (file === null || !('link' in file)) return null
  const { origin, pathname, search } = new URL(file.link)
  const inPlace = account.settings.tunnel?.[origin]
  if (inPlace === undefined) return null
  try {
    const answer = await fetch(`${inPlace}${pathname}${search}`, { signal: AbortSignal.timeout(5_000) })
    const media = {
      bytes: Buffer.from(await answer.arrayBuffer()),
      mimeType: answer.headers.get('content-type') ?? 'application/octet-stream',
    }
    if (!answer.ok) return { code: 131053, details: `${file.link} answers ${answer.status}` }
    const fault = mediaFault(media, file.as)
    if (fault === null) sent.media = media
    return fault
  } catch (error) {
    return { code: 131053, details: `${file.link}: ${error instanceof Error ? error.message : String(error)}` }
  }
}
