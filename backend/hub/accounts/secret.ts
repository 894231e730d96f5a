/**
 * The hub's one secret, from which every key it needs is derived: given by the operator, or made once and kept in the
 * hub's folder for its owner alone.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../../home/start-error.ts'

const SECRET_MIN = 32
const FILE = 'hub-secret'

/** What a key is for; a key for one purpose tells nothing about the others. */
export type KeyPurpose =
  'access-token' | 'store-key' | 'visitor' | 'channel-account' | 'pictures' | 'notifications' | 'digests'

export class HubSecret {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    if (bytes.length < SECRET_MIN) throw new StartError(`the hub's secret must have at least ${SECRET_MIN} bytes`)
    this.#bytes = bytes
  }

  /** 32 bytes, always the same for a purpose. */
  key(purpose: KeyPurpose): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#bytes, 'countertop', purpose, 32))
  }
}

/**
 * The secret of the environment (`COUNTERTOP_HUB_SECRET`, base64 or hex), else the one in `home`, which is made when there
 * is none.
 * @throws StartError when it is malformed or too short
 */
export function loadSecret(home: string, fromEnvironment: string | undefined): HubSecret {
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    return new HubSecret(parse(fromEnvironment, 'COUNTERTOP_HUB_SECRET'))
  }
  const path = join(home, FILE)
  if (!existsSync(path)) make(home, path)
  return new HubSecret(parse(readFileSync(path, 'utf8'), path))
}

function parse(text: string, where: string): Uint8Array {
  const trimmed = text.trim()
  if (/^(?:[0-9a-f]{2})+$/i.test(trimmed) && trimmed.length >= SECRET_MIN * 2) return Buffer.from(trimmed, 'hex')
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed)) {
    const bytes = Buffer.from(trimmed, 'base64')
    if (bytes.length >= SECRET_MIN) return bytes
  }
  throw new StartError(`${where} must hold at least ${SECRET_MIN} bytes in base64 or hex`)
}

/** Written whole under another name and linked into place, so that a kill leaves a good secret or none. */
function make(home: string, path: string): void {
  mkdirSync(home, { recursive: true })
  const draft = `${path}.${process.pid}`
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(SECRET_MIN).toString('base64')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    // Another process of this hub was first; its secret is the one.
    if (!existsSync(path)) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
