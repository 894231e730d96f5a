/**
 * The Cloud API's errors that the fake knows, by code, with the HTTP status and title of Meta's published list of error
 * codes. The same fault comes in three shapes: an answer, the errors of a failed status, and those of an unsupported message.
 */
import { randomBytes } from 'node:crypto'
import type { GraphError } from './schemas/answers.ts'
import type { WebhookFault } from './schemas/webhooks.ts'

const ERRORS = {
  33: { status: 400, title: 'Parameter value is not valid' },
  100: { status: 400, title: 'Invalid parameter' },
  190: { status: 401, title: 'Access token has expired' },
  2500: { status: 400, title: 'Unknown path components' },
  130429: { status: 400, title: 'Rate limit hit' },
  131000: { status: 500, title: 'Something went wrong' },
  131008: { status: 400, title: 'Required parameter is missing' },
  131016: { status: 500, title: 'Service unavailable' },
  131026: { status: 400, title: 'Message undeliverable' },
  131047: { status: 400, title: 'Re-engagement message' },
  131049: { status: 400, title: 'Meta chose not to deliver' },
  131050: { status: 400, title: 'User has stopped marketing messages' },
  131051: { status: 400, title: 'Unsupported message type' },
  131052: { status: 400, title: 'Media download error' },
  131053: { status: 400, title: 'Media upload error' },
  131056: { status: 400, title: 'Pair rate limit hit' },
  132000: { status: 400, title: 'Number of parameters does not match the expected number of params' },
  132001: { status: 404, title: 'Template name does not exist in the translation' },
  132012: { status: 400, title: 'Parameter format does not match format in the created template' },
  132015: { status: 400, title: 'Template is paused' },
  139100: { status: 400, title: 'Failed to block/unblock users' },
} as const

export type ErrorCode = keyof typeof ERRORS

/** What went wrong, before it takes one of its shapes. */
export type Refusal = { code: ErrorCode; details: string; subcode?: number }

/** The HTTP status that goes with {@link graphError}. */
export function statusOf({ code }: Refusal) {
  return ERRORS[code].status
}

/** The body of an answer. */
export function graphError({ code, details, subcode }: Refusal): GraphError {
  return {
    error: {
      message: `(#${code}) ${ERRORS[code].title}`,
      type: subcode === 33 ? 'GraphMethodException' : 'OAuthException',
      code,
      ...(subcode !== undefined && { error_subcode: subcode }),
      error_data: { messaging_product: 'whatsapp', details },
      fbtrace_id: `A${randomBytes(11).toString('base64url')}`,
    },
  }
}

/** One of the `errors` of a webhook. */
export function webhookFault({ code, details }: Refusal): WebhookFault {
  return {
    code,
    title: ERRORS[code].title,
    message: ERRORS[code].title,
    error_data: { details },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  }
}

/** How a user that cannot be blocked is named. */
export function blockFault({ code, details }: Refusal) {
  return { message: ERRORS[code].title, code, error_data: { details } }
}
