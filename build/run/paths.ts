/** Where things are in this project, for the scripts of `build/`. */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const outFolder = join(root, 'out')
/** Files that are dear to fetch again; outside version control. */
export const cacheFolder = join(root, '.cache')

/** The cache that every clone of one user shares. */
export function userCacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'countertop', 'Cache')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'countertop')
  return join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'countertop')
}

/** Where the hub and the workstation keep their data: `COUNTERTOP_HOME`, else the user's data folder. */
export function dataFolder(): string {
  const { COUNTERTOP_HOME, APPDATA, XDG_DATA_HOME } = process.env
  if (COUNTERTOP_HOME) return COUNTERTOP_HOME
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'countertop')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'countertop')
  return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'countertop')
}
