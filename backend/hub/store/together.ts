/** Several statements of a transaction in one round trip to the database. */
import type { QueryExecutorProvider } from 'kysely'
import type { HubTransaction } from '../core.ts'

/** What `sql` statements are executed by: a database, a transaction, or what {@link together} gives. */
export type Asker = QueryExecutorProvider

/**
 * Sends statements without waiting for the answers in between. They run in the order in which `ask` executes them, each
 * seeing what those before it did; with the embedded database, to which there is no way, one after the other.
 *
 * Everything is answered when this settles.
 * @param ask executes the statements at once, without waiting, and gives back their promises in the same order
 * @throws what the first statement that failed failed of. Those after it failed too: the transaction can only be undone
 */
export function together<T extends readonly unknown[]>(
  trx: HubTransaction,
  ask: (asker: Asker) => { [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  const executor = trx.getExecutor()
  // A transaction gives its connection to one statement at a time: to all of these as if they were one.
  return executor.provideConnection(async (connection) => {
    const own = executor.withConnectionProvider({ provideConnection: (use) => use(connection) })
    const answers = ask({ getExecutor: () => own })
    await Promise.allSettled(answers)
    // Of several failures the first in their order is what happened, the others follow from it.
    for (const answer of answers) await answer
    return Promise.all(answers) as Promise<T>
  })
}
