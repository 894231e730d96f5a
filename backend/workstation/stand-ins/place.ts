/** What tests of the workstation need around it: a folder of their own, a silent log, and patience. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished, vi } from 'vitest'
import type { SyncTiming } from '../hub/timing.ts'
import { SYNC_TIMING } from '../hub/timing.ts'

// Key derivation and whole processes take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

export const SILENT = pino({ level: 'silent' })

/** The waits of the sync, short. */
export const QUICK: SyncTiming = {
  ...SYNC_TIMING,
  backOffFrom: 10,
  backOffTo: 40,
  steadyAfter: 200,
  patience: 5,
  welcome: 1_000,
  progressEvery: 0,
  presenceEvery: 20,
  uploadAgain: 20,
}

/** A new folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'countertop-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Resolves when `holds` is true. @throws after twenty seconds */
export async function until(holds: () => boolean): Promise<void> {
  const start = Date.now()
  while (!holds()) {
    if (Date.now() - start > 20_000) throw new Error(`waited in vain for ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
