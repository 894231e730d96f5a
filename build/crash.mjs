import { handOver } from './setup.mjs'

handOver('build/crash.ts')
