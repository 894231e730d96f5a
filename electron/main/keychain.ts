/** The operating system's keychain, for the backend: wraps and unwraps small texts; null when it cannot. */
import { safeStorage } from 'electron'

/** Whether there is a real keychain. Linux without one would "encrypt" with a password that everybody knows. */
export function hasKeychain(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'
}

export function wrap(value: string): string | null {
  return hasKeychain() ? safeStorage.encryptString(value).toString('base64') : null
}

/** Null too for what another keychain, or nobody, has wrapped; `complain` hears why. */
export function unwrap(value: string, complain: (why: string) => void): string | null {
  if (!hasKeychain()) return null
  try {
    return safeStorage.decryptString(Buffer.from(value, 'base64'))
  } catch (error) {
    complain(`keychain: cannot unwrap: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}
