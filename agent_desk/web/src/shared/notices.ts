/** Short notices at the top of the page. */

import { ElMessage } from 'element-plus'

import { Fault } from '../api/http'
import type { Label } from '../api/types'
import { labelText } from '../words'

/** Show a sentence for a few seconds; the same one again only counts. */
export function say(text: Label | string, type: 'success' | 'warning' | 'error' | 'info'): void {
  const message = typeof text === 'string' ? text : labelText(text)
  ElMessage({ message, type, grouping: true, showClose: type === 'error', duration: type === 'error' ? 6000 : 3000 })
}

/** Say why a request failed; anything else goes on as an exception. */
export function sayFault(error: unknown): void {
  if (!(error instanceof Fault)) throw error
  say(error.text, 'error')
}
