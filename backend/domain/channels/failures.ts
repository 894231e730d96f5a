/**
 * Why a message did not reach the customer, or a channel does not work: one code for each thing a person can do
 * something about, whatever the platform calls it. The interface has a text for each in both languages.
 */
import { z } from 'zod'

export const FAILURES = [
  /** Given up after repeated attempts; the platform did not answer or failed. */
  'channel.failed',
  /** The channel has no account with the platform. */
  'channel.unconnected',
  /** The platform does not accept the channel's token any more. */
  'channel.token',
  /** The account was suspended or restricted by the platform. */
  'channel.restricted',
  /** The month's messages, or the money for them, are used up. */
  'channel.quota',
  /** The platform slows the account down, and did for too long. */
  'channel.rateLimited',
  /** Too long since the customer last wrote (CNV-9). */
  'channel.windowClosed',
  /** The customer blocked the account, or it is no longer in the group. */
  'channel.blocked',
  /** The customer does not want such messages. */
  'channel.optedOut',
  /** The platform holds back marketing to this customer for now. */
  'channel.heldBack',
  /** The number or user is not to be reached on the platform. */
  'channel.notReachable',
  'channel.templateMissing',
  'channel.templateParameters',
  'channel.templatePaused',
  /** The platform could not take the picture or file. */
  'channel.media',
  /** The channel has no such kind of message. */
  'channel.kind',
  /** The platform refused the message for another reason. */
  'channel.rejected',
  /** It was handed over, but whether the platform took it is not known: it is never sent again by itself. */
  'channel.uncertain',
] as const
export const Failure = z.enum(FAILURES)
export type Failure = z.infer<typeof Failure>
