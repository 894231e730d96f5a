/** A new workstation's first sync with a hub, in a process of its own: `device.ts HUB HOME`. */
import { openStore } from '../../../backend/workstation/session/store-file.ts'
import { Connection } from '../../../backend/workstation/store/connection.ts'
import { LocalWorkstation } from '../../../backend/workstation/workstation.ts'
import { SILENT, storeIn, syncFirst } from '../stores.ts'
import { storedIn } from './stored.ts'

const [hub = '', home = ''] = process.argv.slice(2)
const workstation = await LocalWorkstation.open({ hub, home, openStore, keychain: null, log: SILENT })
const cost = await syncFirst(workstation)
await workstation.close()
const { path, key } = await storeIn(home)
const store = new Connection(path, key, { info: () => undefined, warn: () => undefined }, { readonly: true })
const stored = storedIn(<T>(sql: string): T => {
  const row = store.get<T>(sql)
  if (!row) throw new Error('the store answered nothing')
  return row
})
store.close()
process.stdout.write(`${JSON.stringify({ ...cost, stored })}\n`)
