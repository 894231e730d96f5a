/** Runs the steps of a check, says what each took, and shows a step's output only when it failed. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { z } from 'zod'
import { root } from './paths.ts'
import { stamping } from './reports.ts'

const bin = join(root, 'node_modules', '.bin')

export type Outcome = { name: string; ok: boolean; passed: number; failed: number }

/** What a phase came to: with the tests it ran, or none when it is not about tests. */
export type Result = { ok: boolean; output: string; passed?: number; failed?: number }

/** Runs a command of `node_modules/.bin` (or of the system) to its end. With `show`, its output appears as it comes. */
export function command(
  name: string,
  args: readonly string[],
  show = false,
  env: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const child = spawn(name, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, ...env },
    shell: process.platform === 'win32',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      if (show) process.stdout.write(chunk)
      else output += chunk.toString()
    })
  }
  return new Promise((done) => {
    child.on('error', (error) => done({ ok: false, output: error.message }))
    child.on('close', (code) => done({ ok: code === 0, output }))
  })
}

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  success: z.boolean(),
})

/** Runs vitest over some projects; counts what passed and failed. A file that could not even be loaded counts as failed. */
export async function vitest(
  projects: readonly string[],
  report: string,
  show = false,
  env: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const args = ['run', '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const ofProjects = projects.map((project) => `--project=${project}`)
  const result = await stamping(report, () => command('vitest', [...args, ...ofProjects], show, env))
  if (!existsSync(report)) return { ...result, passed: 0, failed: result.ok ? 0 : 1 }
  const { numPassedTests: passed, numFailedTests: failed } = Report.parse(JSON.parse(readFileSync(report, 'utf8')))
  return { ...result, passed, failed: failed === 0 && !result.ok ? 1 : failed }
}

/** Runs one step and reports it on stdout. A step that throws has failed, with the error as its output. */
export async function phase(name: string, work: () => Promise<Result>): Promise<Outcome> {
  const begun = performance.now()
  let result: Result
  try {
    result = await work()
  } catch (error) {
    result = { ok: false, output: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  const { passed, failed } = result
  const tests = passed === undefined ? '' : `  ${passed} passed, ${failed ?? 0} failed`
  process.stdout.write(`${result.ok ? '✓' : '✗'} ${name}  ${seconds} s${tests}\n`)
  if (!result.ok && result.output) process.stdout.write(`${result.output.trimEnd()}\n\n`)
  return { name, ok: result.ok, passed: passed ?? 0, failed: failed ?? (result.ok ? 0 : 1) }
}

/** Runs the steps of each lane one after the other, the lanes side by side. */
export async function lanes(...all: (() => Promise<Outcome>)[][]): Promise<Outcome[]> {
  const lane = async (steps: (() => Promise<Outcome>)[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = []
    for (const step of steps) outcomes.push(await step())
    return outcomes
  }
  return (await Promise.all(all.map(lane))).flat()
}
