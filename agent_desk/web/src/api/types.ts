/** What the desk's server sends and takes, as its OpenAPI description has it. Times are epoch seconds. */

export interface Label {
  zh: string
  en: string
}

export type Role = 'agent' | 'supervisor' | 'admin'

export interface User {
  id: string
  username: string
  name: string
  role: Role
  team: string
}

export interface Me {
  user: User
  seat: string | null
  csrf_token: string
}

/** A choice with its name in both languages. */
export interface Choice {
  id: string
  name: Label
}

export interface QueueSettings extends Choice {
  service_level_s: number
  wrap_up_s: number
}

export interface CategorySettings extends Choice {
  children: Choice[]
}

export interface Settings {
  name: Label
  city: Label
  timezone: string
  lines: Choice[]
  queues: QueueSettings[]
  languages: Choice[]
  skills: Choice[]
  not_ready_reasons: Choice[]
  centre_reasons: Choice[]
  end_reasons: Choice[]
  request_types: Choice[]
  categories: CategorySettings[]
  urgencies: Choice[]
  genders: Choice[]
}

export interface Street {
  code: string
  name: string
}

export interface District extends Street {
  streets: Street[]
}

export interface PhoneAccount {
  seat: string
  sip_uri: string
  ws_url: string
  password: string
  display_name: string
}

export type CallState = 'waiting' | 'ringing' | 'talking' | 'wrap-up' | 'closed'
export type AgentState = 'not-ready' | 'ready' | 'ringing' | 'talking' | 'wrap-up'

/** `until` is missing or null while it lasts. */
export interface Span {
  since: number
  until?: number | null
}

export interface PartyView {
  role: string
  agent_id: string | null
  seat: string | null
  rang_at: number | null
  joined_at: number | null
  left_at: number | null
  outcome: string | null
}

export interface CallView {
  id: string
  caller_number: string
  caller_name: string
  dialled: string
  line: string
  language: string
  queue: string
  priority: number
  state: CallState
  offered_at: number
  state_since: number
  waiting_since: number
  answered_at: number | null
  ended_at: number | null
  end_reason: string | null
  agent_id: string | null
  held: boolean
  holds: Span[]
  recording_paused: boolean
  recording_pauses: Span[]
  wrap_up_until: number | null
  parties: PartyView[]
}

export interface AgentView {
  id: string
  name: string
  seat: string
  team: string
  skills: Record<string, number>
  languages: string[]
  state: AgentState
  state_since: number
  signed_in_at: number
  reason: string | null
  call_id: string | null
  phone_reachable: boolean
  phone_lost_at: number | null
  not_ready_next: string | null
}

/** `waiting_since` is the oldest place in the queue. */
export interface QueueView {
  id: string
  waiting: number
  ringing: number
  talking: number
  waiting_since: number | null
}

export interface LiveSnapshot {
  type: 'snapshot'
  position: string
  server_time: number
  calls: CallView[]
  agents: AgentView[]
  queues: QueueView[]
}

/** `queues` holds every queue, or nothing when none changed. */
export interface LiveChanges {
  type: 'changes'
  position: string
  server_time: number
  calls: CallView[]
  calls_gone: string[]
  agents: AgentView[]
  agents_gone: string[]
  queues: QueueView[]
}

export type LiveMessage = LiveSnapshot | LiveChanges

/** The request form (工单); null is what nobody has said yet. */
export interface RequestForm {
  contact_number: string | null
  name: string | null
  gender: string | null
  request_type: string | null
  category: string | null
  subcategory: string | null
  title: string | null
  content: string | null
  district: string | null
  street: string | null
  community: string | null
  address: string | null
  point: string | null
  event_time: string | null
  target: string | null
  urgency: string | null
  confidential: boolean
  repeated: boolean
  repeats: string | null
  callback_wanted: boolean
  time_limit_hours: number | null
}

export interface Draft {
  form: RequestForm
  version: number
  confirmed_by: string | null
  confirmed_at: number | null
  edited_at: number | null
}
