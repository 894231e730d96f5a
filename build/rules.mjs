import { handOver } from './setup.mjs'

handOver('build/rules.ts')
