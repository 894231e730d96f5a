/** How a channel is, in a word: whether it is connected, and what is wrong with it. */
import type { Channel } from '../../../backend/domain/rows.ts'
import type { TextKey } from '../../i18n/index.ts'

export type ChannelState = 'connected' | 'unconnected' | 'problem'

/** `reason` is null where there is nothing more to say. */
export function stateOf({ connected, problem }: Pick<Channel, 'connected' | 'problem'>): {
  state: ChannelState
  reason: TextKey | null
} {
  if (!connected) return { state: 'unconnected', reason: null }
  switch (problem?.code) {
    case undefined:
      return { state: 'connected', reason: null }
    case 'channel.token':
      return { state: 'problem', reason: 'channels.problem.token' }
    case 'channel.restricted':
      return { state: 'problem', reason: 'channels.problem.restricted' }
    case 'channel.quota':
      return { state: 'problem', reason: 'channels.problem.quota' }
    case 'channel.rateLimited':
      return { state: 'problem', reason: 'channels.problem.rateLimited' }
    case 'channel.failed':
      return { state: 'problem', reason: 'channels.problem.failed' }
    default:
      return { state: 'problem', reason: 'channels.problem.other' }
  }
}
