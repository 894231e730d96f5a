/** Several conversations at once, for the window. */
import { Hono } from 'hono'
import { checked } from '../answer.ts'
import type { Workstation } from '../service.ts'
import { BatchItemsQuery, BatchRequest } from './batch.ts'

/** To be mounted at `/api/batches`, behind the door. */
export function batchRoutes(workstation: Pick<Workstation, 'batch' | 'batchItems'>) {
  return new Hono()
    .post('/', checked('json', BatchRequest), (c) => c.json(workstation.batch(c.req.valid('json'))))
    .get('/items', checked('query', BatchItemsQuery), (c) => c.json(workstation.batchItems(c.req.valid('query').ids)))
}
