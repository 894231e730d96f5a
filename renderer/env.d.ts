/// <reference types="vite/client" />
import type { ShellBridge } from '../backend/workstation/shell.ts'

declare global {
  interface Window {
    /** What the shell offers; absent in a browser. */
    readonly countertop?: ShellBridge
  }
}
