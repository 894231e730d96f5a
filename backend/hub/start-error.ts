/** Why a hub cannot start, in words for its operator, who can put it right. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
