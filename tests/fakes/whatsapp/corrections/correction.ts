/** How a correction of Meta's published file is written down, and the places that several of them are about. */

/** Where something stands in the document, key by key. */
export type Place = readonly string[]

export type Correction = { at: Place; why: string } & (
  | { what: 'put'; value: unknown }
  | { what: 'remove' }
  | { what: 'add to the list'; values: readonly unknown[] }
  | { what: 'take from the list'; values: readonly unknown[] }
)

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
export const schema = (name: string, ...rest: string[]): Place => ['components', 'schemas', name, ...rest]
export const operation = (path: string, method: string, ...rest: string[]): Place => [
  'paths',
  `/{Version}/${path}`,
  method,
  ...rest,
]

/** Where an endpoint states what it takes, under the endpoint. */
export const body = ['requestBody', 'content', 'application/json']
