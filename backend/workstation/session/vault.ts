/**
 * What guards one member's store on this workstation: the random key it is encrypted with, wrapped by the key of their
 * password and by the key the hub keeps for them, and what the next contact with the hub needs, encrypted under it.
 */
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from 'pino'
import { MemberId, TeamId } from '../../domain/ids.ts'
import { Member } from '../../domain/rows.ts'
import type { Session } from '../../sync/protocol.ts'
import { readIfThere, writeAtomically } from './atomic-file.ts'
import { Kdf, Sealed, keyOf, newKdf, newKey, seal, unseal } from './seal.ts'

/** Wraps text with the operating system's keychain, through the shell; null when the keychain cannot. */
export interface Keychain {
  wrap(text: string): Promise<string | null>
  unwrap(text: string): Promise<string | null>
}

const VaultFile = z.strictObject({
  format: z.literal(1),
  memberId: MemberId,
  name: z.string(),
  email: z.string(),
  hub: z.string(),
  kdf: Kdf,
  /** The data key under the password's key; as a whole once more under the keychain where there is one. */
  byPassword: z.union([Sealed, z.strictObject({ keychain: z.string() })]),
  byStoreKey: Sealed,
  /** {@link Kept}, under the data key. */
  kept: Sealed,
})
export type VaultFile = z.infer<typeof VaultFile>

/** What a start without the hub needs to know, and to reach the hub again. */
const Kept = z.strictObject({
  refreshToken: z.string(),
  teamId: TeamId,
  member: Member,
  clientId: z.string(),
})
export type Kept = z.infer<typeof Kept>

/** Reads a member's vault; undefined when there is none or it is no longer one. */
export async function readVault(folder: string, log: Logger): Promise<VaultFile | undefined> {
  const text = await readIfThere(fileIn(folder))
  if (text === undefined) return undefined
  try {
    return VaultFile.parse(JSON.parse(text))
  } catch (error) {
    log.error({ reason: error instanceof Error ? error.name : '' }, 'a vault cannot be read')
    return undefined
  }
}

export type Unlocked = { ok: true; vault: Vault } | { ok: false; why: 'wrong' | 'keychain' | 'damaged' }

/** An open vault. */
export class Vault {
  readonly folder: string
  /** Encrypts the store. 32 bytes. */
  readonly dataKey: Buffer
  readonly #keychain: Keychain | null
  #file: VaultFile
  #kept: Kept
  #saving: Promise<void> = Promise.resolve()
  #retired = false

  private constructor(folder: string, file: VaultFile, kept: Kept, dataKey: Buffer, keychain: Keychain | null) {
    this.folder = folder
    this.dataKey = dataKey
    this.#file = file
    this.#kept = kept
    this.#keychain = keychain
  }

  get file(): VaultFile {
    return this.#file
  }
  get kept(): Kept {
    return this.#kept
  }

  /** Makes a vault with a new data key, for a member's first sign-in here. */
  static async create(
    folder: string,
    hub: string,
    session: Session,
    password: string,
    keychain: Keychain | null,
  ): Promise<Vault> {
    const dataKey = newKey()
    const kept = keptOf(session)
    const file: VaultFile = {
      format: 1,
      memberId: session.member.id,
      name: session.member.name,
      email: session.member.email.toLowerCase(),
      hub,
      ...(await wrapByPassword(dataKey, session.member.id, password, keychain)),
      byStoreKey: seal(storeKeyOf(session), purpose('store-key', session.member.id), dataKey),
      kept: sealKept(dataKey, kept),
    }
    const vault = new Vault(folder, file, kept, dataKey, keychain)
    await vault.#save()
    return vault
  }

  /** Opens a vault with the member's password, without the hub. */
  static async byPassword(
    folder: string,
    file: VaultFile,
    password: string,
    keychain: Keychain | null,
  ): Promise<Unlocked> {
    let sealed: Sealed
    if ('keychain' in file.byPassword) {
      const inner = await keychain?.unwrap(file.byPassword.keychain)
      if (inner === null || inner === undefined) return { ok: false, why: 'keychain' }
      const parsed = Sealed.safeParse(parseJson(inner))
      if (!parsed.success) return { ok: false, why: 'keychain' }
      sealed = parsed.data
    } else sealed = file.byPassword
    const dataKey = unseal(await keyOf(password, file.kdf), purpose('password', file.memberId), sealed)
    if (!dataKey) return { ok: false, why: 'wrong' }
    return Vault.#opened(folder, file, dataKey, keychain)
  }

  /** Opens a vault with the key that the hub gave at sign-in: for when the password was changed elsewhere. */
  static byStoreKey(folder: string, file: VaultFile, session: Session, keychain: Keychain | null): Unlocked {
    const dataKey = unseal(storeKeyOf(session), purpose('store-key', file.memberId), file.byStoreKey)
    if (!dataKey) return { ok: false, why: 'wrong' }
    // The new session takes the place of what was kept, so that need not be readable.
    return { ok: true, vault: new Vault(folder, file, keptOf(session), dataKey, keychain) }
  }

  static #opened(folder: string, file: VaultFile, dataKey: Buffer, keychain: Keychain | null): Unlocked {
    const plain = unseal(dataKey, purpose('kept', file.memberId), file.kept)
    const kept = Kept.safeParse(parseJson(plain?.toString('utf8') ?? ''))
    if (!kept.success) return { ok: false, why: 'damaged' }
    return { ok: true, vault: new Vault(folder, file, kept.data, dataKey, keychain) }
  }

  /** Whether this is the password the vault opens with. */
  async opensWith(password: string): Promise<Unlocked> {
    return Vault.byPassword(this.folder, this.#file, password, this.#keychain)
  }

  /** Whether the key that the hub gave is the one the vault is wrapped by. */
  opensWithStoreKey(session: Session): boolean {
    const sealed = this.#file.byStoreKey
    return unseal(storeKeyOf(session), purpose('store-key', this.#file.memberId), sealed) !== null
  }

  /** Keeps what a new session with the hub brought; durable when it resolves. */
  async keep(session: Session): Promise<void> {
    this.#kept = keptOf(session)
    this.#file = {
      ...this.#file,
      name: session.member.name,
      email: session.member.email.toLowerCase(),
      kept: sealKept(this.dataKey, this.#kept),
    }
    await this.#save()
  }

  /** Makes the vault open with this password and this session's store key from now on. */
  async rewrap(password: string, session: Session): Promise<void> {
    this.#file = {
      ...this.#file,
      ...(await wrapByPassword(this.dataKey, this.#file.memberId, password, this.#keychain)),
      byStoreKey: seal(storeKeyOf(session), purpose('store-key', this.#file.memberId), this.dataKey),
    }
    await this.#save()
  }

  /** Nothing is written from now on: the next one to open this vault reads it from the disk. */
  async retire(): Promise<void> {
    this.#retired = true
    // Who saved has heard of a failure; that the disk was full must not keep anybody at the workstation.
    await this.#saving.then(
      () => undefined,
      () => undefined,
    )
  }

  /** Writes the vault as it is now; writes follow one another, so that the last one is the newest. */
  #save(): Promise<void> {
    if (this.#retired) return this.#saving
    const write = () => writeAtomically(fileIn(this.folder), JSON.stringify(this.#file, null, 1))
    this.#saving = this.#saving.then(write, write)
    return this.#saving
  }
}

function fileIn(folder: string): string {
  return join(folder, 'vault.json')
}

/** A sealed text opens only for the member and the use it was sealed for. */
function purpose(use: 'password' | 'store-key' | 'kept', memberId: string): string {
  return `countertop:${use}:${memberId}`
}

function keptOf({ refreshToken, teamId, member, clientId }: Session): Kept {
  return { refreshToken, teamId, member, clientId }
}

function sealKept(dataKey: Buffer, kept: Kept): Sealed {
  return seal(dataKey, purpose('kept', kept.member.id), Buffer.from(JSON.stringify(kept)))
}

function storeKeyOf(session: Session): Buffer {
  return Buffer.from(session.storeKey, 'base64')
}

async function wrapByPassword(
  dataKey: Buffer,
  memberId: string,
  password: string,
  keychain: Keychain | null,
): Promise<Pick<VaultFile, 'kdf' | 'byPassword'>> {
  const kdf = newKdf()
  const sealed = seal(await keyOf(password, kdf), purpose('password', memberId), dataKey)
  const wrapped = await keychain?.wrap(JSON.stringify(sealed))
  return { kdf, byPassword: wrapped ? { keychain: wrapped } : sealed }
}

/** What the text says; undefined, which no schema takes, when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
