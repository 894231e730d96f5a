import { handOver } from './setup.mjs'

handOver('build/protocol.ts')
