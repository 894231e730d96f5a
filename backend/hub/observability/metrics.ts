/** What the hub counts, for Prometheus. Labels are names and codes of ours, never anything a person chose. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { JobOutcome } from '../jobs/jobs.ts'

export type ConnectionKind = 'workstation' | 'webchat'
type JobCounts = { queue: string; waiting: number; active: number; failed: number }[]

export interface Metrics {
  /** Told of each finished command: `accepted`, or the code of its refusal. */
  command(name: string, result: string, seconds: number): void
  job(queue: string, outcome: JobOutcome): void
  request(method: string, status: number, seconds: number): void
  /** Says how many connections there are whenever somebody asks. */
  countConnections(kind: ConnectionKind, count: () => number): void
  /** Says whether other hubs are heard whenever somebody asks; without a line nothing is said of it. */
  watchLine(isUp: () => boolean): void
  /** Says how many jobs there are whenever somebody asks. */
  countJobs(counts: () => Promise<JobCounts>): void
  /** Says how deletions are getting on whenever somebody asks. */
  watchErasure(erasure: { waiting(): Promise<{ count: number; oldest: number }>; missing(): readonly string[] }): void
  /** The page of `/metrics`, and its content type. */
  page(): Promise<{ text: string; type: string }>
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export function createMetrics(): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register, prefix: 'countertop_' })
  const registers = [register]
  const commands = new Counter({
    name: 'countertop_commands_total',
    help: 'Commands by name and result',
    labelNames: ['name', 'result'],
    registers,
  })
  const commandSeconds = new Histogram({
    name: 'countertop_command_seconds',
    help: 'From taking a command to its commit',
    labelNames: ['name'],
    buckets: SECONDS,
    registers,
  })
  const jobs = new Counter({
    name: 'countertop_job_attempts_total',
    help: 'Attempts at jobs by how they ended',
    labelNames: ['queue', 'outcome'],
    registers,
  })
  const requests = new Histogram({
    name: 'countertop_http_request_seconds',
    help: 'HTTP requests by method and status',
    labelNames: ['method', 'status'],
    buckets: SECONDS,
    registers,
  })
  const connections = new Map<ConnectionKind, () => number>()
  new Gauge({
    name: 'countertop_connections',
    help: 'Open sockets',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, count] of connections) this.set({ kind }, count())
    },
  })
  let jobCounts: () => Promise<JobCounts> = () => Promise.resolve([])
  new Gauge({
    name: 'countertop_jobs',
    help: 'Jobs by state',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      for (const { queue, waiting, active, failed } of await jobCounts()) {
        this.set({ queue, state: 'waiting' }, waiting)
        this.set({ queue, state: 'active' }, active)
        this.set({ queue, state: 'failed' }, failed)
      }
    },
  })
  return {
    command(name, result, seconds) {
      commands.inc({ name, result })
      commandSeconds.observe({ name }, seconds)
    },
    job: (queue, outcome) => jobs.inc({ queue, outcome }),
    request: (method, status, seconds) => requests.observe({ method, status: String(status) }, seconds),
    countConnections: (kind, count) => void connections.set(kind, count),
    watchLine(isUp) {
      new Gauge({
        name: 'countertop_line_up',
        help: 'Whether other hubs on the same database are heard (1) or not (0)',
        registers,
        collect() {
          this.set(isUp() ? 1 : 0)
        },
      })
    },
    watchErasure(erasure) {
      new Gauge({
        name: 'countertop_erasures_waiting',
        help: 'Deleted conversations of which something may be left',
        registers,
        async collect() {
          this.set((await erasure.waiting()).count)
        },
      })
      new Gauge({
        name: 'countertop_erasures_oldest_seconds',
        help: 'How long the oldest of them has waited',
        registers,
        async collect() {
          this.set((await erasure.waiting()).oldest / 1000)
        },
      })
      new Gauge({
        name: 'countertop_erasure_complete',
        help: 'Whether the hub may do all that leaves nothing of what is deleted (1) or not (0)',
        registers,
        collect() {
          this.set(erasure.missing().length === 0 ? 1 : 0)
        },
      })
    },
    countJobs(counts) {
      jobCounts = counts
    },
    page: async () => ({ text: await register.metrics(), type: register.contentType }),
  }
}
