/** Short notices at the top of the page. */

import { ElMessage } from 'element-plus'

import { Fault } from '../api/http'
import type { Label } from '../api/types'
import { labelText } from '../words'

// The agent's state stays in sight.
const BELOW_THE_BAR = 54

/** Show a sentence for a few seconds; the same one again only counts. */
export function say(text: Label | string, type: 'success' | 'warning' | 'error' | 'info'): void {
  const message = typeof text === 'string' ? text : labelText(text)
  const lasting = type === 'error'
  ElMessage({ message, type, grouping: true, showClose: lasting, duration: lasting ? 6000 : 2500, offset: BELOW_THE_BAR })
}

/** Say why a request failed; anything else goes on as an exception. */
export function sayFault(error: unknown): void {
  if (!(error instanceof Fault)) throw error
  say(error.text, 'error')
}
