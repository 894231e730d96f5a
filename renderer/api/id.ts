/** Ids of what is created at this window: time-ordered, so that rows made together lie together. */
import { v7 } from 'uuid'

/** A new id, fit for every branded id of the domain (parse it with the one that is meant). */
export function newId(): string {
  return v7()
}
