/**
 * Opens a member's vault: with the hub when it can be reached, with the password alone when it cannot (SHF-1).
 */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { PROTOCOL } from '../../sync/protocol.ts'
import type { Session } from '../../sync/protocol.ts'
import type { HubClient } from '../hub/client.ts'
import type { Result } from '../service.ts'
import { Attempts } from './attempts.ts'
import { readIfThere } from './atomic-file.ts'
import type { Home } from './home.ts'
import { Vault, readVault } from './vault.ts'
import type { Keychain, VaultFile } from './vault.ts'

/** An open vault, and the session with the hub, or why there is none. */
export type SignedIn = { vault: Vault; session: Session } | { vault: Vault; session: null; reason: Refusal }

/** With these answers the hub said nothing about the member: what is on the device decides. */
const NO_ANSWER = new Set<Refusal['code']>(['hub.unreachable', 'hub.garbled', 'hub.protocol', 'internal.error'])

export class SignInDesk {
  readonly #home: Home
  readonly #hub: HubClient
  readonly #keychain: Keychain | null
  readonly #now: () => number
  readonly #log: Logger

  constructor(home: Home, hub: HubClient, keychain: Keychain | null, now: () => number, log: Logger) {
    this.#home = home
    this.#hub = hub
    this.#keychain = keychain
    this.#now = now
    this.#log = log
  }

  /** The members who have a store on this workstation. */
  async known(): Promise<{ name: string; email: string }[]> {
    const vaults = await this.#home.vaults(this.#hub.base)
    return vaults.map(({ vault: { name, email } }) => ({ name, email }))
  }

  /**
   * Signs in with the hub; with the device alone when the hub does not answer and the member is known here.
   * @param current the vault that is open already; when it is this member's, it is the one that is answered
   */
  async signIn(email: string, password: string, current?: Vault): Promise<Result<SignedIn>> {
    const answer = await this.withHub(email, password, current)
    if (answer.ok || !NO_ANSWER.has(answer.refusal.code)) return answer
    if (current && current.file.email === email.trim().toLowerCase()) {
      const verified = await this.verify(current, password)
      return verified.ok ? { ok: true, value: { vault: current, session: null, reason: answer.refusal } } : verified
    }
    const known = await this.#find(email)
    if (!known) return { ok: false, refusal: refuse('signIn.needsHub', {}, { instead: 'go-online' }) }
    const opened = await this.#locally(known.folder, (folder) =>
      Vault.byPassword(folder, known.vault, password, this.#keychain),
    )
    return opened.ok ? { ok: true, value: { vault: opened.value, session: null, reason: answer.refusal } } : opened
  }

  /** Signs in with the hub or not at all. */
  async withHub(email: string, password: string, current?: Vault): Promise<Result<{ vault: Vault; session: Session }>> {
    const { workstation } = this.#home
    const known = await this.#find(email)
    // Both take their time, and what the password opens here is of no use before the hub has let the member in.
    const [answer, opened] = await Promise.all([
      this.#hub.signIn({ email, password, workstation, protocol: PROTOCOL }),
      known ? Vault.byPassword(known.folder, known.vault, password, this.#keychain) : null,
    ])
    if (!answer.ok) return answer
    const vault = await this.#vaultFor(answer.value, password, opened?.ok ? opened.vault : null, current)
    await new Attempts(vault.folder, this.#now, this.#log).succeeded()
    return { ok: true, value: { vault, session: answer.value } }
  }

  /** Checks the password against a vault that is open already; guessing is slowed as everywhere. */
  async verify(vault: Vault, password: string): Promise<Result<Vault>> {
    return this.#locally(vault.folder, () => vault.opensWith(password))
  }

  async #locally(
    folder: string,
    open: (folder: string) => Promise<Awaited<ReturnType<typeof Vault.byPassword>>>,
  ): Promise<Result<Vault>> {
    const attempts = new Attempts(folder, this.#now, this.#log)
    const seconds = await attempts.begin()
    if (seconds > 0) return { ok: false, refusal: refuse('signIn.slowed', { seconds }, { instead: 'wait' }) }
    const opened = await open(folder)
    if (opened.ok) {
      await attempts.succeeded()
      return { ok: true, value: opened.vault }
    }
    if (opened.why === 'wrong') return { ok: false, refusal: refuse('signIn.wrong', {}) }
    this.#log.error({ why: opened.why }, 'the vault does not open on this device alone')
    return { ok: false, refusal: refuse('signIn.needsHub', {}, { instead: 'go-online' }) }
  }

  async #find(email: string): Promise<{ folder: string; vault: VaultFile } | undefined> {
    const wanted = email.trim().toLowerCase()
    return (await this.#home.vaults(this.#hub.base)).find(({ vault }) => vault.email === wanted)
  }

  /** The vault of the member whom the hub let in: opened, or made when this is their first time here. */
  async #vaultFor(session: Session, password: string, byPassword: Vault | null, current?: Vault): Promise<Vault> {
    const memberId = session.member.id
    const folder = this.#home.folderOf(this.#hub.base, memberId)
    const known = byPassword?.file.memberId === memberId ? byPassword : null
    const file = await readVault(folder, this.#log)
    const vault =
      current?.file.memberId === memberId ? current : (known ?? (file && this.#byHub(folder, file, session)))
    if (vault) {
      // The data key is wrapped anew where the password or the hub's key is no longer the one it is wrapped by.
      if (!known || !vault.opensWithStoreKey(session)) await vault.rewrap(password, session)
      await vault.keep(session)
      return vault
    }
    if (file) this.#log.error('neither password nor hub opens the vault; the member gets a new store')
    await this.#setAside(folder)
    return Vault.create(folder, this.#hub.base, session, password, this.#keychain)
  }

  #byHub(folder: string, file: VaultFile, session: Session): Vault | null {
    const opened = Vault.byStoreKey(folder, file, session, this.#keychain)
    return opened.ok ? opened.vault : null
  }

  /** A vault that nothing opens is kept under another name: it may be asked for when its reason is found. */
  async #setAside(folder: string): Promise<void> {
    const path = join(folder, 'vault.json')
    if ((await readIfThere(path)) !== undefined) await rename(path, `${path}.unreadable-${this.#now()}`)
  }
}
