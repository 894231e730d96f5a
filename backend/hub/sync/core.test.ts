import { coreRules } from './core-rules.ts'

coreRules()
