/** Splits a stream of bytes into lines; it takes more only when the line before has been used up. */

const LF = 0x0a

/**
 * The lines without their line feeds; a last line without one counts, empty lines do not.
 * @throws RangeError when a line is longer than `max` bytes
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, max: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)])
      if (line.length > max) throw new RangeError(`a line of more than ${max} bytes`)
      parts = []
      length = 0
      start = end + 1
      if (line.length > 0) yield line
    }
    const rest = chunk.subarray(start)
    length += rest.length
    if (length > max) throw new RangeError(`a line of more than ${max} bytes`)
    if (rest.length > 0) parts.push(rest)
  }
  if (length > 0) yield Buffer.concat(parts)
}
