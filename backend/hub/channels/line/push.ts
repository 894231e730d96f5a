/**
 * Pushing to one user or group. A push carries a key by which LINE takes it only once, so trying again does no harm.
 *
 * https://developers.line.biz/en/docs/messaging-api/retrying-api-request/
 */
import type { messagingApi } from '@line/bot-sdk'
import { v5 as uuidOf } from 'uuid'
import { z } from 'zod'
import type { TeamId } from '../../../domain/ids.ts'
import { Uncertain } from '../platform.ts'
import type { SendResult } from '../platform.ts'
import { ask } from './client.ts'
import type { LineClient } from './client.ts'
import { sendRefused, tryLater } from './refusals.ts'

/** Any UUID will do, as long as it stays: another would let a message go twice that was on its way. */
const KEYS = '3e6f2a53-64a5-4d5b-9c1e-0b7d8f2c9a14'

/** The key of something that is sent once, such as a message: the same at every attempt. */
export function retryKeyOf(teamId: TeamId, what: string): string {
  return uuidOf(`${teamId} ${what}`, KEYS)
}

/**
 * Pushes, whether or not an earlier attempt with the same key came through.
 * @param retryKey a UUID; LINE remembers it for 24 hours
 * @throws TryLater when it was not sent, Uncertain when it may have been: a push with the same key tells, a reply instead
 *   could be a second message
 */
export async function push(
  { api, limits }: LineClient,
  to: string,
  messages: messagingApi.Message[],
  retryKey: string,
): Promise<SendResult> {
  const ended = await ask(limits.answer, () => api.pushMessage({ to, messages }, retryKey), z.unknown())
  if (ended.end === 'done') return { ok: true }
  if (ended.end === 'unsent') throw tryLater('push', ended)
  if (ended.end === 'unknown') throw new Uncertain(`LINE: push: ${ended.why}`)
  // The key is known: an earlier attempt was taken.
  return ended.status === 409 ? { ok: true } : sendRefused(ended)
}
