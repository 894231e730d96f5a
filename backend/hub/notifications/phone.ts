/** Phone numbers as they are given to us, and as LINE and SMS providers want them. */
import { parsePhoneNumberFromString } from 'libphonenumber-js'

/** Longest number with everything people put between its digits. */
const GIVEN_MAX = 40

/** In E.164; a number without a country's code is a Taiwanese one. Null for what is no number that could be reached. */
export function normalisePhone(given: string): string | null {
  if (given.length > GIVEN_MAX) return null
  const number = parsePhoneNumberFromString(given.trim(), { defaultCountry: 'TW', extract: false })
  return number?.isValid() && !number.ext ? number.number : null
}

/** The digits as they are dialled within the number's own country: `0912345678`. */
export function localDigits(phone: string): string {
  return parsePhoneNumberFromString(phone)?.formatNational().replaceAll(/\D/g, '') ?? phone
}

/** For a page that its owner is to know it by: all but the last three digits hidden. */
export function maskedPhone(phone: string): string {
  return `••••••${phone.slice(-3)}`
}
