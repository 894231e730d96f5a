/**
 * Jobs on pg-boss, in the hub's own database: recorded in the transaction of the command that wants them, done as soon as
 * it is durable, and done again when the hub died meanwhile. One conversation's messages leave one after another, in
 * order; one channel that is slow holds up no other. Once a day one of the hubs tidies up.
 */
import type { PGlite } from '@electric-sql/pglite'
import { PgBoss, fromKysely, fromPglite } from 'pg-boss'
import type { ConstructorOptions, JobWithMetadata } from 'pg-boss'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { TeamId } from '../../domain/ids.ts'
import type { Effect } from '../../domain/rule.ts'
import type { EffectSink } from '../core.ts'
import { traceOf } from '../listeners.ts'

/** Where the jobs are: in the embedded database, or on a server. */
export type JobDatabase = { embedded: PGlite } | { server: string }
export type JobOutcome = 'done' | 'retried' | 'gaveUp'
export type SendEffect = { teamId: TeamId } & Extract<Effect, { type: 'channel.send' }>
export type ErrandEffect = { teamId: TeamId } & Exclude<Effect, { type: 'channel.send' }>

/** What jobs do. Each throws for what may work later; after the last attempt it is given up, with what was thrown. */
export type JobWork = {
  send: { do(job: SendEffect): Promise<void>; giveUp(job: SendEffect, error: unknown): Promise<void> }
  errand: { do(job: ErrandEffect): Promise<void>; giveUp(job: ErrandEffect, error: unknown): Promise<void> }
  /** Called once a day, by one of the hubs; one that fails is tried again. */
  tidy(): Promise<void>
}

export interface Jobs extends EffectSink {
  /** Begins to do jobs, first those that a killed hub left. */
  start(work: JobWork): Promise<void>
  /** How many jobs wait, are being done, or were given up, by queue. */
  counts(): Promise<{ queue: string; waiting: number; active: number; failed: number }[]>
  /** Lets the jobs under way end and takes no more. */
  stop(): Promise<void>
}

const SEND = 'channel.send'
const ERRAND = 'channel.errand'
const TIDY = 'tidy'
/** Every night in Taipei, when few are awake. */
const TIDY_AT = '30 19 * * *'
/** Attempts after the first, over about ten minutes: longer than a channel's short outage. */
const RETRIES = 10
/** Jobs of a queue done at the same time, of all channels and of one: a channel that hangs leaves room for others. */
const SENDS = { atOnce: 12, ofOneChannel: 4 } as const
const ERRANDS = { atOnce: 6, ofOneChannel: 3 } as const
const STOP_WITHIN = 5_000

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
  if (!(await boss.getQueue(SEND))) await boss.createQueue(SEND, { ...QUEUE, policy: 'key_strict_fifo' })
  if (!(await boss.getQueue(ERRAND))) await boss.createQueue(ERRAND, { ...QUEUE, policy: 'standard' })
  if (!(await boss.getQueue(TIDY))) await boss.createQueue(TIDY, TIDY_QUEUE)
  // A hub that was not running then does it when it is.
  await boss.schedule(TIDY, TIDY_AT, null, { tz: 'UTC', missed: 'once' })

  /**
   * Works on a queue whose jobs are effects, as `record` put them there. Who has done one looks for the next at once: a
   * later message of the same conversation has waited for that, and nothing else would announce it.
   */
  const workOn = async <E extends SendEffect | ErrandEffect>(
    queue: string,
    { atOnce, ofOneChannel }: typeof SENDS | typeof ERRANDS,
    work: { do(job: E): Promise<void>; giveUp(job: E, error: unknown): Promise<void> },
  ) => {
    const workers = async (count: number) => {
      const pace = { ...WORK, localConcurrency: count, localGroupConcurrency: count }
      let first = ''
      first = await boss.work(queue, pace, async (batch: JobWithMetadata<E>[]) => {
        boss.notifyWorker(first)
        for (const job of batch) {
          const outcome = await attempt(queue, job, work, log)
          options.onOutcome?.(queue, outcome)
        }
      })
    }
    // Only the first worker of each call can be told to look again, so most are alone in theirs. A channel's limit may
    // not exceed the workers of its call, and that of the last call holds for the whole queue.
    for (let n = ofOneChannel; n < atOnce; n++) await workers(1)
    await workers(ofOneChannel)
  }

  return {
    async record(trx, teamId, effects) {
      const db = fromKysely(trx)
      // One conversation is one key: of a key's jobs the next is only begun when the one before is done.
      const sends = effects.flatMap((effect) =>
        effect.type === 'channel.send'
          ? [{ ...jobOf(teamId, effect), singletonKey: `${teamId} ${effect.conversationId}` }]
          : [],
      )
      const errands = effects.flatMap((effect) => (effect.type === 'channel.send' ? [] : [jobOf(teamId, effect)]))
      if (sends.length > 0) await boss.insert(SEND, sends, { db })
      if (errands.length > 0) await boss.insert(ERRAND, errands, { db })
    },

    async start(work) {
      if ('embedded' in database) for (const queue of [SEND, ERRAND]) await takeUpAgain(boss, queue)
      await boss.work(TIDY, { pollingIntervalSeconds: 30, notifyPollingIntervalSeconds: 60 }, async () => {
        try {
          await work.tidy()
          options.onOutcome?.(TIDY, 'done')
        } catch (error) {
          options.onOutcome?.(TIDY, 'retried')
          log.error({ err: error, queue: TIDY }, 'jobs: an attempt failed')
          throw error
        }
      })
      await workOn<SendEffect>(SEND, SENDS, work.send)
      await workOn<ErrandEffect>(ERRAND, ERRANDS, work.errand)
    },

    async counts() {
      const queues = await boss.getQueues([SEND, ERRAND, TIDY])
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
  notify: true,
  // Far more than we try: a message that failed for good would hold back all later ones of its conversation.
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
  pollingIntervalSeconds: 1,
  notifyPollingIntervalSeconds: 3,
} as const

function connection(database: JobDatabase): ConstructorOptions {
  return 'embedded' in database
    ? { db: fromPglite(database.embedded), backend: 'pglite' }
    : { connectionString: database.server, max: 4, application_name: 'countertop-jobs' }
}

/** The channel is the job's group. */
function jobOf<E extends Effect>(teamId: TeamId, effect: E) {
  // What concerns no channel is a group of its own.
  return { data: { teamId, ...effect }, group: { id: 'channelId' in effect ? effect.channelId : 'files' } }
}

/** The embedded database has one owner, so at its start a job that is being done was left by a killed one. */
async function takeUpAgain(boss: PgBoss, queue: string): Promise<void> {
  const { rows } = await boss
    .getDb()
    .executeSql(`select id from jobs.job where name = $1 and state = 'active'`, [queue])
  const ids = z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id)
  if (ids.length === 0) return
  await boss.cancel(queue, ids)
  await boss.resume(queue, ids)
}

/** Those of channels, whose words are ours; any other's may quote what somebody wrote. */
const OWN_ERRORS = ['TryLater', 'Uncertain']

/** Does a job once; after the last attempt it is given up and counts as done, so that later ones go on. */
async function attempt<E>(
  queue: string,
  job: JobWithMetadata<E>,
  work: { do(job: E): Promise<void>; giveUp(job: E, error: unknown): Promise<void> },
  log: Logger,
): Promise<JobOutcome> {
  const error = await thrownBy(() => work.do(job.data))
  if (error === null) return 'done'
  const last = job.retryCount >= RETRIES
  const why = error instanceof Error && OWN_ERRORS.includes(error.name) ? error.message : null
  log.warn({ err: traceOf(error), why, queue, attempt: job.retryCount + 1, last }, 'jobs: an attempt failed')
  // The queue keeps what it is thrown, whose words may quote what was written.
  if (!last) throw new Error('see the log')
  await work.giveUp(job.data, error)
  return 'gaveUp'
}

/** What it was that was thrown; null when it went well. */
async function thrownBy(work: () => Promise<void>): Promise<unknown> {
  try {
    await work()
    return null
  } catch (error) {
    return error ?? new Error('nothing was thrown')
  }
}
