/** Which addresses the shell goes to, opens outside, or takes as a request to show a conversation. */

const OUTSIDE = new Set(['http:', 'https:', 'mailto:'])
const LONGEST = 2048
const CONVERSATION = /^[A-Za-z0-9_-]{1,64}$/

/** The scheme of links that open this app. */
export const DEEP_LINK_SCHEME = 'countertop'

/** `URL.parse`, which the oldest Electron this runs on does not have. */
function parse(url: string): URL | null {
  try {
    return new URL(url)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/** Whether an address is a page of our own backend. Compares whole origins, never a part of the text. */
export function isOwnPage(url: string, origin: string | null): boolean {
  return origin !== null && parse(url)?.origin === origin
}

/**
 * The address to hand to the operating system, normalised; null for what may not be opened: other schemes than http,
 * https and mailto, more than 2,048 characters, or a user name or password in it (`https://bank.example@evil.example`).
 */
export function outsideAddress(url: string): string | null {
  const parsed = url.length > LONGEST ? null : parse(url)
  if (!parsed || !OUTSIDE.has(parsed.protocol) || parsed.username !== '' || parsed.password !== '') return null
  return parsed.href
}

/** The conversation that `countertop://conversation/ID` asks for; null for anything else. */
export function conversationOf(link: string): string | null {
  const parsed = link.length > LONGEST ? null : parse(link)
  if (!parsed) return null
  const { protocol, host, pathname, search, hash } = parsed
  if (protocol !== `${DEEP_LINK_SCHEME}:` || host !== 'conversation' || search !== '' || hash !== '') return null
  const id = pathname.slice(1)
  return CONVERSATION.test(id) ? id : null
}

/** The deep link among the arguments of a start of the app, where the operating system puts it. */
export function deepLinkAmong(argv: readonly string[]): string | null {
  for (const argument of argv) {
    const conversation = conversationOf(argument)
    if (conversation !== null) return conversation
  }
  return null
}
