/**
 * The window's content security policy forbids compiling code from text. The schema library would try as soon as the first
 * schema is made, so this is the first thing that `main.ts` imports.
 */
import { z } from 'zod'

z.config({ jitless: true })
