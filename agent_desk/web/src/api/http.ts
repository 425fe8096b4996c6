/** Requests to the desk's server: JSON both ways, the CSRF token on whatever changes something, a time limit on all. */

import type { Label } from './types'

const TIME_LIMIT_MS = 12_000

/**
 * A request that did not do what was asked. `status` 0 means that no answer came; `code` is for programs, `text` for
 * people; `field` names the part of what was sent that is at fault.
 */
export class Fault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: Label,
    readonly field: string | null = null,
    readonly body: unknown = null,
  ) {
    super(`${code}: ${text.en}`)
  }
}

const UNREACHABLE: Label = {
  zh: '连不上服务器,请检查网络后重试。',
  en: 'The server cannot be reached. Check the network, then try again.',
}
const UNREADABLE: Label = {
  zh: '服务器返回的内容无法识别,请重试。',
  en: 'The answer of the server makes no sense. Try again.',
}

let csrfToken = ''
let onSignedOut: () => void = () => undefined

/** Remember the session's token; an empty one after signing out. */
export function useCsrfToken(token: string): void {
  csrfToken = token
}

/** Call `handler` when a request shows that the session is over. */
export function whenSessionEnds(handler: () => void): void {
  onSignedOut = handler
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Send a request below /api and return its JSON, undefined when there is none. Raises Fault. */
export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  let response: Response
  let text: string
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      // A form that is being saved while the page closes still arrives.
      keepalive: method === 'PUT',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    })
    text = await response.text()
  } catch (error) {
    throw new Fault(0, 'unreachable', UNREACHABLE, null, String(error))
  }
  const answer = parse(text)
  if (response.ok) return answer as T
  if (response.status === 401 && path !== '/session') onSignedOut()
  throw faultOf(response.status, answer)
}

/** Put parameters that are not empty behind a path. */
export function withQuery(path: string, parameters: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(key, String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function faultOf(status: number, answer: unknown): Fault {
  if (typeof answer === 'object' && answer !== null && 'error' in answer) {
    const { error, message, field } = answer as { error: unknown; message?: unknown; field?: unknown }
    const text = isLabel(message) ? message : UNREADABLE
    return new Fault(status, String(error), text, typeof field === 'string' ? field : null, answer)
  }
  return new Fault(status, 'unreadable', UNREADABLE)
}

function isLabel(value: unknown): value is Label {
  if (typeof value !== 'object' || value === null) return false
  const label = value as Partial<Label>
  return typeof label.zh === 'string' && typeof label.en === 'string'
}
