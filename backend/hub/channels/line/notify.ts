/**
 * What is sent to a customer outside any conversation (NTF-1): a push to a LINE user, or a notification message to a phone
 * number.
 *
 * https://developers.line.biz/en/reference/partner-docs/#send-line-notification-message
 */
import type { messagingApi } from '@line/bot-sdk'
import { z } from 'zod'
import { Uncertain } from '../platform.ts'
import type { SendResult } from '../platform.ts'
import { ask } from './client.ts'
import type { LineClient } from './client.ts'
import { push } from './push.ts'
import { sendRefused, tryLater } from './refusals.ts'

/**
 * Pushes one text of at most 5,000 UTF-16 units.
 * @param retryKey see `retryKeyOf`: the same at every attempt
 * @throws TryLater
 */
export function pushText(line: LineClient, to: string, text: string, retryKey: string): Promise<SendResult> {
  return push(line, to, [{ type: 'text', text }], retryKey)
}

/**
 * Sends a notification message; `channel.notReachable` when nobody has the number, or who has it does not take such
 * messages.
 * @param phoneHash SHA-256, in hexadecimal, of the number in E.164
 * @param messages one to five
 * @param deliveryTag 16 to 100 characters, by which LINE tells that it was delivered (NTF-2)
 * @throws TryLater when nothing was sent, {@link Uncertain} when it may have been: there is no retry key
 */
export async function pushNotification(
  { api, limits }: LineClient,
  phoneHash: string,
  messages: messagingApi.Message[],
  deliveryTag: string,
): Promise<SendResult> {
  const call = () => api.pushMessagesByPhone({ to: phoneHash, messages }, deliveryTag)
  const ended = await ask(limits.answer, call, z.unknown())
  switch (ended.end) {
    case 'done':
      return { ok: true }
    case 'refused':
      return sendRefused(ended)
    case 'unsent':
      throw tryLater('notification message', ended)
    case 'unknown':
      throw new Uncertain(`LINE: notification message: ${ended.why}`)
  }
}
