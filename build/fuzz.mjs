import { handOver } from './setup.mjs'

handOver('build/fuzz.ts')
