/** What an admin gives so that the hub can speak for a LINE Official Account. */
import { z } from 'zod'

/** Goes into a header as it is: anything but visible ASCII there would be an error that quotes it. */
const credential = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,1000}$/)

export const LineAccount = z.strictObject({
  /** Of the Messaging API channel. */
  channelId: z
    .string()
    .trim()
    .regex(/^[\w-]{1,100}$/),
  /** By which LINE signs what it tells us. */
  channelSecret: credential,
  accessToken: credential,
  /** Of the LINE Login channel, by whose ID tokens customers prove who they are; '' when there is none. */
  loginChannelId: z
    .string()
    .trim()
    .regex(/^[\w-]{0,100}$/)
    .default(''),
  /** Of the LINE Login channel, for add-friend links (NTF-5); '' when there is none. */
  loginChannelSecret: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{0,1000}$/)
    .default(''),
})
export type LineAccount = z.infer<typeof LineAccount>

export const LINE_SECRETS = [
  'channelSecret',
  'accessToken',
  'loginChannelSecret',
] as const satisfies readonly (keyof LineAccount)[]
