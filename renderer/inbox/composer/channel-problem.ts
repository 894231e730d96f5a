/** What is wrong with a channel, for whoever writes there: whether messages wait or fail, and why. */
import type { Channel } from '../../../backend/domain/rows.ts'
import type { TextKey } from '../../i18n/index.ts'

/** The key of the text (its parameter is the channel's name), or null when nothing is known to be wrong. */
export function problemKey({ connected, problem }: Pick<Channel, 'connected' | 'problem'>): TextKey | null {
  if (!connected) return 'inbox.problem.unconnected'
  switch (problem?.code) {
    case undefined:
      return null
    case 'channel.unconnected':
      return 'inbox.problem.unconnected'
    case 'channel.failed':
      return 'inbox.problem.failed'
    case 'channel.token':
      return 'inbox.problem.token'
    case 'channel.restricted':
      return 'inbox.problem.restricted'
    case 'channel.quota':
      return 'inbox.problem.quota'
    case 'channel.rateLimited':
      return 'inbox.problem.rateLimited'
    default:
      // The others are about one message; of a channel they only say that it is not well.
      return 'inbox.problem.other'
  }
}
