/** What can be made to go wrong with the next message of the shop, by platform: as each of them says it. */
import type { LineFake } from '../line/line.ts'
import type { Fault } from '../platform/faults.ts'
import type { WhatsAppAccount } from '../whatsapp/account.ts'
import type { Refusal } from '../whatsapp/errors.ts'
import type { WhatsAppFake } from '../whatsapp/whatsapp.ts'

/** Longer than the hub waits for an answer, in ms. */
const HANGS = 60_000

const ANY = {
  hang: { effect: 'none', type: 'hang', ms: HANGS },
  /** It goes out, and the answer is lost. */
  lost: { effect: 'done', type: 'cut' },
  garbage: { effect: 'none', type: 'garbage' },
} as const satisfies Record<string, Fault>

const refused = (status: number, body: object): Fault => ({ effect: 'none', type: 'answer', status, body })

const LINE: Readonly<Record<string, Fault>> = {
  quota: refused(429, { message: 'You have reached your monthly limit.' }),
  busy: refused(429, { message: 'The API rate limit has been exceeded. Try again later.' }),
  broken: refused(500, { message: 'Internal server error' }),
  token: refused(401, { message: 'Authentication failed. Confirm that the access token is valid.' }),
  rejected: refused(400, {
    message: 'The request body has 1 error(s)',
    details: [{ message: 'May not be empty', property: 'messages[0].text' }],
  }),
  ...ANY,
}

type Upset = { refusal: Refusal; atOnce: boolean }
const upset = (code: Refusal['code'], details: string, atOnce = false): Upset => ({
  refusal: { code, details },
  atOnce,
})

const WHATSAPP: Readonly<Record<string, Fault | Upset>> = {
  notReachable: upset(131026, 'Message undeliverable.'),
  windowClosed: upset(131047, 'More than 24 hours have passed since the customer last replied to this number.'),
  heldBack: upset(131049, 'This message was not delivered to maintain healthy ecosystem engagement.'),
  optedOut: upset(131050, 'The user has stopped marketing messages.'),
  media: upset(131053, 'The media could not be processed.'),
  paused: upset(132015, 'The template is paused due to low quality.', true),
  busy: upset(130429, 'Message throughput has been reached.', true),
  pair: upset(131056, 'Too many messages sent to the same phone number in a short time.', true),
  overloaded: upset(131016, 'Service is temporarily unavailable.', true),
  token: upset(190, 'The access token has expired.', true),
  broken: refused(500, { error: { message: 'An unknown error occurred', type: 'OAuthException', code: 1 } }),
  ...ANY,
}

export const FAILURES = { line: Object.keys(LINE), whatsapp: Object.keys(WHATSAPP) } as const

export class LineFailures {
  readonly #line: LineFake
  #next: string | null = null

  constructor(line: LineFake) {
    this.#line = line
  }

  /** What waits for the next message. */
  get next(): string | null {
    return this.#line.faults.pending() > 0 ? this.#next : null
  }

  /** @returns whether there is such a failure; null takes back what waits */
  set(failure: string | null): boolean {
    const fault = failure === null ? null : LINE[failure]
    if (fault === undefined) return false
    this.#line.faults.clear()
    this.#next = failure
    if (fault) this.#line.faults.next({ method: 'POST', path: /^\/v2\/bot\/message\/(reply|push)$/ }, fault)
    return true
  }
}

export class WhatsAppFailures {
  readonly #whatsapp: WhatsAppFake
  readonly #account: WhatsAppAccount
  #next: string | null = null

  constructor(whatsapp: WhatsAppFake, account: WhatsAppAccount) {
    this.#whatsapp = whatsapp
    this.#account = account
  }

  get next(): string | null {
    return this.#whatsapp.faults.pending() > 0 || this.#account.upsets.length > 0 ? this.#next : null
  }

  set(failure: string | null): boolean {
    const found = failure === null ? null : WHATSAPP[failure]
    if (found === undefined) return false
    this.#whatsapp.faults.clear()
    this.#account.upsets.length = 0
    this.#next = failure
    if (found === null) return true
    if ('refusal' in found) this.#account.failNext(found.refusal, found)
    else this.#whatsapp.faults.next({ method: 'POST', path: /^\/v\d+\.0\/\d+\/messages$/ }, found)
    return true
  }
}
