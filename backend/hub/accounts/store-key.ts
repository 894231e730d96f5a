/** The key of a member's store on a workstation: made here, kept sealed, given to whoever signs in there. */
import { randomBytes } from 'node:crypto'
import { StartError } from '../../home/start-error.ts'
import type { HubDatabase } from '../core.ts'
import { seal, unseal } from './seal.ts'
import type { HubSecret } from './secret.ts'

const BYTES = 32

/** A new key, sealed. */
export function makeStoreKey(secret: HubSecret, teamId: string, clientId: string): Uint8Array {
  return seal(secret.key('store-key'), randomBytes(BYTES), `${teamId} ${clientId}`)
}

/** @throws when it was sealed with another secret or for another client */
export function openStoreKey(secret: HubSecret, teamId: string, clientId: string, sealed: Uint8Array): Uint8Array {
  return unseal(secret.key('store-key'), sealed, `${teamId} ${clientId}`)
}

/**
 * Refuses to work with a secret that is not the one of this database: nobody could sign in where they did before, and
 * what waits there could not be opened.
 * @throws StartError `hub.secret`
 */
export async function checkSecret(secret: HubSecret, db: HubDatabase): Promise<void> {
  const client = await db.selectFrom('client').select(['team_id', 'id', 'store_key']).limit(1).executeTakeFirst()
  if (!client) return
  try {
    openStoreKey(secret, client.team_id, client.id, client.store_key)
  } catch (error) {
    const message =
      'the secret is not the one this database was made with: ' +
      'put back the file hub-secret of the hub’s folder, or give COUNTERTOP_HUB_SECRET as it was'
    throw new StartError(message, { code: 'hub.secret', cause: error })
  }
}
