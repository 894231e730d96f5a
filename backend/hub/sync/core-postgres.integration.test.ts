import { openDatabase } from '../store/database.ts'
import { startSampleServer } from '../store/sample-server.ts'
import { coreRules } from './core-rules.ts'

coreRules(async () => {
  const server = await startSampleServer()
  const database = await openDatabase({ databaseUrl: server.databaseUrl })
  return {
    ...database,
    close: async () => {
      await database.close()
      await server.stop()
    },
  }
})
