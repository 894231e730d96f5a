/** For tests: what sends messages, over a core, with connections of the test's own instead of platforms. */
import { pino } from 'pino'
import type { TeamId } from '../../domain/ids.ts'
import type { ChannelKind } from '../../domain/rows.ts'
import type { HubCore } from '../core.ts'
import type { JobWork } from '../jobs/jobs.ts'
import { doErrand, giveUpErrand } from './errands.ts'
import type { ErrandParts } from './errands.ts'
import { Pace } from './pace.ts'
import type { Connection } from './platform.ts'
import { giveUp, sendMessage } from './sender.ts'

const WEBCHAT: Pick<Connection, 'send'> = { send: async () => ({ ok: true }) }

/** Parts whose channels of each kind are connected to what is given; a kind that is not given has no account. */
export function sampleSending(
  core: Pick<HubCore, 'db' | 'row' | 'system'>,
  connections: Partial<Record<ChannelKind, Partial<Connection>>> = { webchat: WEBCHAT },
  more: Partial<ErrandParts> = {},
): ErrandParts {
  const refuse = () => Promise.reject(new Error('no files here'))
  return {
    core,
    connections: {
      of: async ({ teamId, channelId }) => {
        const channel = await core.row(teamId, 'channel', channelId)
        const connection = channel && connections[channel.kind]
        return connection
          ? { teamId, channel, connection: { webhook: null, check: async () => [], send: refuse, ...connection } }
          : null
      },
    },
    attachments: { find: refuse, open: refuse, remove: refuse, storeFromCustomer: refuse },
    pictures: { urlOf: (teamId: TeamId, id, variant) => `https://hub.example/pictures/${teamId}/${id}/${variant}` },
    pace: new Pace(),
    log: pino({ level: 'silent' }),
    clock: () => Date.now(),
    ...more,
  }
}

/** The jobs' work with such parts. */
export function sampleWork(parts: ErrandParts, tidy: () => Promise<void> = async () => undefined): JobWork {
  return {
    send: { do: (job) => sendMessage(parts, job), giveUp: (job, error) => giveUp(parts, job, error) },
    errand: { do: (job) => doErrand(parts, job), giveUp: (job) => giveUpErrand(parts, job) },
    tidy,
  }
}
