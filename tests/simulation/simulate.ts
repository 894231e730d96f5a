/** Plays many plans in several processes: each plays a part of them from a seed of its own. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** So many plans share a seed. */
const PART = 250

/** The plan that failed, as small as it could be made, and the seed and path that make it again. */
const Failure = z.object({ seed: z.number(), path: z.string(), plan: z.string(), problems: z.array(z.string()) })
export type Failure = z.infer<typeof Failure>
/** What a worker says. */
export const FromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('played'), runs: z.number() }),
  z.object({ type: z.literal('done'), failure: Failure.nullable() }),
])
/** What a worker is asked. */
export const Part = z.object({ seed: z.number(), runs: z.number(), path: z.string().nullable() })
export type Part = z.infer<typeof Part>

export type Simulated = { played: number; failure: Failure | null }

/**
 * Plays `runs` plans; the same seed gives the same plans. Ends at the first failure.
 * @param options.path plays only the plan at this place among those of the seed
 * @throws when a worker ends by itself
 */
export async function simulate(options: {
  seed: number
  runs: number
  workers: number
  path?: string | null
  onProgress?: (played: number) => void
}): Promise<Simulated> {
  const { seed, runs, workers, path = null, onProgress } = options
  const count = path === null ? Math.ceil(runs / PART) : 1
  const parts = Array.from({ length: count }, (_, n): Part => ({
    seed: seed + n,
    runs: Math.min(PART, runs - n * PART),
    path,
  }))
  const children = new Set<ChildProcess>()
  let played = 0
  let failure: Failure | null = null
  const failed = Promise.withResolvers<void>()

  async function work(): Promise<void> {
    const child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    children.add(child)
    for (let part = parts.shift(); part; part = parts.shift()) {
      const found = await play(child, part, (more) => {
        played += more
        onProgress?.(played)
      })
      if (!found) continue
      failure ??= found
      parts.length = 0
      return failed.resolve()
    }
    child.disconnect()
    children.delete(child)
  }
  const working = Array.from({ length: Math.min(workers, count) }, () => work())
  try {
    // The first failure ends it for all.
    await Promise.race([Promise.all(working), failed.promise])
  } finally {
    for (const child of children) child.disconnect()
  }
  return { played, failure }
}

function play(child: ChildProcess, part: Part, onPlayed: (runs: number) => void): Promise<Failure | null> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      code === 0 ? resolve(null) : reject(new Error(`a worker ended by itself: ${code ?? signal}`))
    const heard = (message: unknown) => {
      const said = FromWorker.parse(message)
      if (said.type === 'played') return onPlayed(said.runs)
      child.off('message', heard)
      child.off('exit', ended)
      resolve(said.failure)
    }
    child.on('message', heard)
    child.once('exit', ended)
    child.send(part)
  })
}
