/**
 * Jobs on pg-boss, in the hub's own database: recorded in the transaction of the command that wants them, done as soon as
 * it is durable, and done again when the hub died meanwhile. One conversation's jobs run one after another, in order. Once
 * a day one of the hubs tidies up.
 */
import type { PGlite } from '@electric-sql/pglite'
import { PgBoss, fromKysely, fromPglite } from 'pg-boss'
import type { ConstructorOptions, JobWithMetadata } from 'pg-boss'
import type { Logger } from 'pino'
import { z } from 'zod'
import { ChannelId, ConversationId, MessageId, TeamId } from '../../domain/ids.ts'
import type { EffectSink, HubCore } from '../core.ts'
import { giveUp, sendMessage } from './sender.ts'
import type { Senders } from './sender.ts'

/** Where the jobs are: in the embedded database, or on a server. */
export type JobDatabase = { embedded: PGlite } | { server: string }
export type JobOutcome = 'done' | 'retried' | 'gaveUp'

export interface Jobs extends EffectSink {
  /**
   * Begins to do jobs, first those that a killed hub left. `tidy` is called once a day, by one of the hubs; one that
   * fails is tried again.
   */
  start(core: Pick<HubCore, 'row' | 'system'>, senders: Senders, tidy: () => Promise<void>): Promise<void>
  /** How many jobs wait, are being done, or were given up, by queue. */
  counts(): Promise<{ queue: string; waiting: number; active: number; failed: number }[]>
  /** Lets the jobs under way end and takes no more. */
  stop(): Promise<void>
}

const SEND = 'channel.send'
const TIDY = 'tidy'
/** Every night in Taipei, when few are awake. */
const TIDY_AT = '30 19 * * *'
/** Attempts after the first, over about ten minutes: longer than a channel's short outage. */
const RETRIES = 10
/** Jobs done at the same time, each of another conversation. */
const AT_ONCE = 4
const STOP_WITHIN = 5_000

const SendData = z.object({
  teamId: TeamId,
  channelId: ChannelId,
  conversationId: ConversationId,
  messageId: MessageId,
})

/** Prepares the queues; nothing is done before `start`. */
export async function createJobs(options: {
  database: JobDatabase
  log: Logger
  /** Called after each attempt. */
  onOutcome?(queue: string, outcome: JobOutcome): void
}): Promise<Jobs> {
  const { database, log } = options
  const boss = new PgBoss({ ...connection(database), ...PACE })
  boss.on('error', (error) => log.error({ err: error }, 'jobs: the queue failed'))
  boss.on('warning', ({ message }) => log.warn({ warning: message }, 'jobs'))
  await boss.start()
  if (!(await boss.getQueue(SEND))) await boss.createQueue(SEND, QUEUE)
  if (!(await boss.getQueue(TIDY))) await boss.createQueue(TIDY, TIDY_QUEUE)
  // A hub that was not running then does it when it is.
  await boss.schedule(TIDY, TIDY_AT, null, { tz: 'UTC', missed: 'once' })

  return {
    async record(trx, teamId, effects) {
      // One conversation is one key: of a key's jobs the next is only begun when the one before is done.
      const jobs = effects.map(({ type: _, ...effect }) => ({
        data: { teamId, ...effect },
        singletonKey: `${teamId} ${effect.conversationId}`,
      }))
      if (jobs.length > 0) await boss.insert(SEND, jobs, { db: fromKysely(trx) })
    },

    async start(core, senders, tidy) {
      if ('embedded' in database) await takeUpAgain(boss)
      await boss.work(TIDY, { pollingIntervalSeconds: 30, notifyPollingIntervalSeconds: 60 }, async () => {
        try {
          await tidy()
          options.onOutcome?.(TIDY, 'done')
        } catch (error) {
          options.onOutcome?.(TIDY, 'retried')
          log.error({ err: error, queue: TIDY }, 'jobs: an attempt failed')
          throw error
        }
      })
      await boss.work(SEND, WORK, async (batch: JobWithMetadata<unknown>[]) => {
        for (const job of batch) {
          const outcome = await attempt(job, core, senders, log)
          options.onOutcome?.(SEND, outcome)
        }
      })
    },

    async counts() {
      const queues = await boss.getQueues([SEND, TIDY])
      return queues.map(({ name, queuedCount, activeCount, failedCount }) => ({
        queue: name,
        waiting: queuedCount,
        active: activeCount,
        failed: failedCount,
      }))
    },

    async stop() {
      await boss.stop({ graceful: true, timeout: STOP_WITHIN })
    },
  }
}

/**
 * New jobs announce themselves (NOTIFY) when their transaction commits; asking every now and then is only for what was
 * missed and for retries. Vacuum and indexes are the operator's; the embedded database sees to its own.
 */
const PACE = {
  schema: 'jobs',
  useListenNotify: true,
  schedule: true,
  monitorIntervalSeconds: 30,
  superviseIntervalSeconds: 30,
  registerInstance: false,
  reindex: false,
  monitorVacuum: false,
} satisfies ConstructorOptions

const QUEUE = {
  policy: 'key_strict_fifo',
  notify: true,
  // Far more than we try: a job that failed for good would hold back all later ones of its conversation.
  retryLimit: RETRIES * 100,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 120,
  expireInSeconds: 300,
  // A server's hub that died is noticed after this; the embedded one's jobs are taken up again at its next start.
  heartbeatSeconds: 10,
  deleteAfterSeconds: 3_600,
} as const

const TIDY_QUEUE = {
  policy: 'standard',
  notify: true,
  retryLimit: 5,
  retryDelay: 60,
  retryBackoff: true,
  expireInSeconds: 3_600,
  deleteAfterSeconds: 3_600,
} as const

const WORK = {
  includeMetadata: true,
  batchSize: 1,
  localConcurrency: AT_ONCE,
  pollingIntervalSeconds: 1,
  notifyPollingIntervalSeconds: 2,
} as const

function connection(database: JobDatabase): ConstructorOptions {
  return 'embedded' in database
    ? { db: fromPglite(database.embedded), backend: 'pglite' }
    : { connectionString: database.server, max: 4, application_name: 'countertop-jobs' }
}

/** The embedded database has one owner, so at its start a job that is being done was left by a killed one. */
async function takeUpAgain(boss: PgBoss): Promise<void> {
  const { rows } = await boss.getDb().executeSql(`select id from jobs.job where name = $1 and state = 'active'`, [SEND])
  const ids = z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id)
  if (ids.length === 0) return
  await boss.cancel(SEND, ids)
  await boss.resume(SEND, ids)
}

/** Does a job once; after the last attempt its message is failed and the job done, so that later ones go on. */
async function attempt(
  job: JobWithMetadata<unknown>,
  core: Pick<HubCore, 'row' | 'system'>,
  senders: Senders,
  log: Logger,
): Promise<JobOutcome> {
  const data = SendData.parse(job.data)
  try {
    await sendMessage(core, senders, data)
    return 'done'
  } catch (error) {
    const last = job.retryCount >= RETRIES
    log.warn(
      { err: error, queue: SEND, message: data.messageId, attempt: job.retryCount + 1, last },
      'jobs: an attempt failed',
    )
    if (!last) throw error
    await giveUp(core, data)
    return 'gaveUp'
  }
}
