import { expect, it } from 'vitest'
import { isOutage, isRetryable } from './failure.ts'

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code })

it('[SYN-3] tells trouble of the database, after which a command is still to be taken, from a bug', () => {
  const outages = [
    coded('53100'),
    coded('57P01'),
    coded('08006'),
    coded('ECONNREFUSED'),
    new Error('Connection terminated unexpectedly'),
    new Error('PGlite is closed'),
    new Error('wrapped', { cause: coded('53300') }),
  ]
  const bugs = [
    coded('23505'),
    coded('22P02'),
    coded('ERR_INVALID_ARG_TYPE'),
    new TypeError('x is closed'),
    'text',
    null,
  ]
  expect([outages.map(isOutage), bugs.map(isOutage)]).toEqual([outages.map(() => true), bugs.map(() => false)])
  expect([coded('40001'), coded('40P01'), coded('23505')].map(isRetryable)).toEqual([true, true, false])
})
