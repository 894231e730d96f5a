/** The access token of the open session: renewed in time, one renewal at once, kept before it is used. */
import type { Logger } from 'pino'
import type { Refusal } from '../../domain/refusal.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Session } from '../../sync/protocol.ts'
import type { HubClient } from '../hub/client.ts'
import type { Result } from '../service.ts'
import type { Vault } from './vault.ts'

/** A token that runs out within so many ms is renewed first. */
const MARGIN = 60_000

/** After one of these only a new sign-in helps. */
const FINAL = new Set<Refusal['code']>([
  'session.expired',
  'session.tokenReused',
  'signIn.inactive',
  'workstation.removed',
  'request.unauthorised',
])

export type Access = { token: string; /** By this computer's clock. */ expiresAt: number }

export class Tokens {
  readonly #hub: HubClient
  readonly #vault: Vault
  readonly #now: () => number
  readonly #log: Logger
  #access: Access | null = null
  #renewing: Promise<Result<Access>> | null = null
  #ended: Refusal | null = null

  constructor(hub: HubClient, vault: Vault, now: () => number, log: Logger) {
    this.#hub = hub
    this.#vault = vault
    this.#now = now
    this.#log = log
  }

  /** Why the session with the hub has ended for good; null while it has not. */
  get ended(): Refusal | null {
    return this.#ended
  }

  /** Takes a session that sign-in brought; it is in the vault already. */
  use(session: Session): void {
    this.#ended = null
    this.#access = this.#accessOf(session)
  }

  /** A token that is good for a while, asking the hub for a new one when it has to. */
  async access(): Promise<Result<Access>> {
    if (this.#ended) return { ok: false, refusal: this.#ended }
    if (this.#access && this.#access.expiresAt - MARGIN > this.#now()) return { ok: true, value: this.#access }
    return this.renew()
  }

  /** Asks for a new token now. Calls that come meanwhile get the same answer. */
  renew(): Promise<Result<Access>> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  /** Resolves when no renewal is under way, or after `ms` at the latest. */
  async settled(ms: number): Promise<void> {
    if (!this.#renewing) return
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    // Who asked for it hears how it went.
    const over = this.#renewing.then(
      () => undefined,
      () => undefined,
    )
    await Promise.race([over, enough])
    clearTimeout(timer)
  }

  /** The hub did not take this token: the next call asks for another. */
  distrust(token: string): void {
    if (this.#access?.token === token) this.#access = null
  }

  /** The hub ended the session (deactivated, removed): nothing is asked of it until the next sign-in. */
  end(refusal: Refusal): void {
    this.#ended = refusal
    this.#access = null
  }

  /** Makes a call with the token, once more with a fresh one when the hub does not take the first. */
  async authorised<T>(call: (token: string) => Promise<Result<T>>): Promise<Result<T>> {
    const first = await this.access()
    if (!first.ok) return first
    const result = await call(first.value.token)
    if (result.ok || !isUnauthorised(result.refusal)) return result
    this.distrust(first.value.token)
    const second = await this.access()
    return second.ok ? call(second.value.token) : second
  }

  async #renew(): Promise<Result<Access>> {
    if (this.#ended) return { ok: false, refusal: this.#ended }
    const used = this.#vault.kept.refreshToken
    const result = await this.#hub.refresh(used)
    if (!result.ok) {
      // A sign-in that came meanwhile has brought a newer one: what became of the old does not matter.
      if (FINAL.has(result.refusal.code) && this.#vault.kept.refreshToken === used) {
        this.#log.warn({ code: result.refusal.code }, 'the session with the hub has ended')
        const ended = result.refusal.code === 'request.unauthorised' ? refuse('session.expired', {}) : result.refusal
        this.end({ ...ended, instead: ended.instead === 'none' ? 'sign-in' : ended.instead })
        return { ok: false, refusal: this.#ended ?? ended }
      }
      return result
    }
    // On the disk first: a crash from here on finds the new token, one before it finds the old, which still works.
    if (this.#vault.kept.refreshToken === used) await this.#vault.keep(result.value)
    this.#access = this.#accessOf(result.value)
    return { ok: true, value: this.#access }
  }

  #accessOf(session: Session): Access {
    return { token: session.accessToken, expiresAt: this.#now() + (session.accessExpiresAt - session.hubTime) }
  }
}

/** Whether a refusal says that the token is at fault. */
export function isUnauthorised(refusal: Refusal): boolean {
  return refusal.code === 'request.unauthorised' || refusal.code === 'session.expired'
}

/** Whether a refusal means that the member has to sign in again before the hub will talk to this workstation. */
export function endsSession(refusal: Refusal): boolean {
  return FINAL.has(refusal.code) && !isUnauthorised(refusal)
}
