/** What the shell is started with: from the environment in development and tests, from its own package otherwise. */
import { app } from 'electron'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { RENDERER_FOLDER } from '../../backend/workstation/shell.ts'

/** The hub of a computer that has been told of no other. */
const USUAL_HUB = 'http://127.0.0.1:4870'
/** So that the page's own storage, which goes by origin, is there next time. */
const USUAL_PORT = 4871

export type ShellSettings = {
  node: string | null
  entry: string
  args: string[]
  port: number
  env: NodeJS.ProcessEnv
  /** Where the shell and the backend keep things. */
  home: string
  /** Whether whoever started us waits for a `ready` line, and we end when they do. */
  isChild: boolean
}

/** A backend named by the environment is for the unpackaged app alone: an installed one runs what it was shipped with. */
export function readSettings(complain: (why: string) => void): ShellSettings {
  const { COUNTERTOP_HOME, COUNTERTOP_BACKEND_NODE, COUNTERTOP_BACKEND_ENTRY, COUNTERTOP_BACKEND_ARGS } = process.env
  if (COUNTERTOP_HOME) {
    const userData = join(COUNTERTOP_HOME, 'shell')
    mkdirSync(userData, { recursive: true })
    app.setPath('userData', userData)
  }
  const home = COUNTERTOP_HOME ?? app.getPath('userData')
  // `isPackaged` goes by the executable's name, and the tests' Electron is somebody else's.
  if (
    COUNTERTOP_BACKEND_NODE &&
    COUNTERTOP_BACKEND_ENTRY &&
    COUNTERTOP_BACKEND_ARGS &&
    !app.getAppPath().endsWith('.asar')
  ) {
    const { args, port } = withoutPort(z.array(z.string()).parse(JSON.parse(COUNTERTOP_BACKEND_ARGS)))
    return {
      node: COUNTERTOP_BACKEND_NODE,
      entry: COUNTERTOP_BACKEND_ENTRY,
      args,
      port,
      env: process.env,
      home,
      isChild: true,
    }
  }
  const out = join(app.getAppPath(), 'out')
  return {
    node: null,
    entry: join(out, 'backend', 'index.mjs'),
    args: ['--hub', hubAddress(home, complain), '--home', join(home, 'workstation')],
    port: USUAL_PORT,
    env: { ...process.env, [RENDERER_FOLDER]: join(out, 'renderer') },
    home,
    isChild: false,
  }
}

function withoutPort(args: string[]): { args: string[]; port: number } {
  const at = args.indexOf('--port')
  if (at < 0) return { args, port: 0 }
  return { args: [...args.slice(0, at), ...args.slice(at + 2)], port: Number(args[at + 1]) }
}

/** `COUNTERTOP_HUB`, else `hub` in `settings.json` of the data folder. */
function hubAddress(home: string, complain: (why: string) => void): string {
  const named = process.env['COUNTERTOP_HUB']
  if (named) return named
  const file = join(home, 'settings.json')
  try {
    return z.object({ hub: z.url() }).parse(JSON.parse(readFileSync(file, 'utf8'))).hub
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      complain(`settings: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
    return USUAL_HUB
  }
}
