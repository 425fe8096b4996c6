/** Finished records, their way to the case store, the audit trail. All raise Fault. */

import { ask, withQuery } from './http'
import type { RequestForm } from './types'

/** Moments of records are ISO 8601 with the hotline's offset; durations are seconds. */
export interface RecordSummary {
  record_id: string
  call_id: string
  offered_at: string
  caller_number: string
  line: string
  queue: string
  language: string
  agent_id: string | null
  end_reason: string
  wait_s: number
  talk_s: number
  request_type: string | null
  category: string | null
  subcategory: string | null
  title: string | null
  district: string | null
  urgency: string | null
  confirmed: boolean
  has_recording: boolean
  delivery: DeliveryState
}

export interface RecordedParty {
  role: string
  leg: string
  agent_id: string | null
  seat: string | null
  rang_at: string | null
  joined_at: string | null
  left_at: string | null
  outcome: string | null
}

export interface FinishedRecord {
  record_id: string
  call_id: string
  caller: { number: string; name: string }
  dialled: string
  line: string
  queue: string
  language: string
  offered_at: string
  answered_at: string | null
  ended_at: string
  closed_at: string
  end_reason: string
  durations: { wait_s: number; talk_s: number; hold_s: number; wrap_up_s: number }
  parties: RecordedParty[]
  agent_id: string | null
  seat: string | null
  form: RequestForm
  confirmation: { confirmed: boolean; by: string | null; at: string | null }
  recording: {
    sha256: string
    seconds: number
    bytes: number
    complete: boolean
    pauses: { since: string; until: string }[]
  } | null
  recording_missing: string | null
}

export type DeliveryState = 'pending' | 'dead' | 'delivered'

export interface RecordQuery {
  number: string
  /** Epoch seconds. */
  from: number | null
  to: number | null
  /** Id of the last record of the page before. */
  before: string | null
}

export const PAGE = 50

export const earlierRecords = (number: string): Promise<RecordSummary[]> =>
  ask('GET', withQuery(`/callers/${encodeURIComponent(number)}/records`, { limit: 20 }))
export const findRecords = (query: RecordQuery): Promise<RecordSummary[]> =>
  ask('GET', withQuery('/records', { ...query, limit: PAGE }))
export const readRecord = (callId: string): Promise<FinishedRecord> => ask('GET', `/records/${encodeURIComponent(callId)}`)
/** Where a browser plays the recording from; listening is written into the audit trail. */
export const recordingAddress = (callId: string): string => `/api/records/${encodeURIComponent(callId)}/recording`

/** A record's way to the case store; times are epoch seconds. */
export interface Delivery {
  call_id: string
  record_id: string
  state: DeliveryState
  created_at: number
  attempts: number
  next_attempt_at: number | null
  settled_at: number | null
  last_error: string | null
  stored_as: string | null
}

export const DELIVERIES = 200

export const readDeliveries = (state: DeliveryState): Promise<Delivery[]> =>
  ask('GET', withQuery('/deliveries', { state, limit: DELIVERIES }))
export const resendRecord = (callId: string): Promise<Delivery> =>
  ask('POST', `/deliveries/${encodeURIComponent(callId)}/resend`)

export interface AuditEntry {
  id: number
  at: number
  who: string
  role: string
  action: string
  object: string
  address: string
}

export const readAudit = (before: number | null): Promise<AuditEntry[]> =>
  ask('GET', withQuery('/audit', { before, limit: PAGE }))
