/** The request form: what is in it, what must be, and how two people's changes to it become one. */

import type { RequestForm } from '../api/types'

export type Field = keyof RequestForm

/** A form in which nothing has been said yet. */
export function emptyForm(): RequestForm {
  return {
    contact_number: null,
    name: null,
    gender: null,
    request_type: null,
    category: null,
    subcategory: null,
    title: null,
    content: null,
    district: null,
    street: null,
    community: null,
    address: null,
    point: null,
    event_time: null,
    target: null,
    urgency: null,
    confidential: false,
    repeated: false,
    repeats: null,
    callback_wanted: false,
    time_limit_hours: null,
  }
}

export const FIELDS = Object.keys(emptyForm()) as Field[]

/** What an agency can do nothing without. */
export const REQUIRED: readonly Field[] = [
  'request_type',
  'urgency',
  'category',
  'title',
  'content',
  'district',
]

/** The longest text that each field takes. */
export const LONGEST: Partial<Record<Field, number>> = {
  contact_number: 32,
  name: 100,
  title: 200,
  content: 10_000,
  community: 100,
  address: 300,
  point: 200,
  target: 200,
  repeats: 32,
}

/** Hours within which an agency has to answer: danger, supplies, the general case, the complex one. */
export const TIME_LIMITS = [2, 24, 168, 360] as const

const LIMIT_OF_URGENCY: Record<string, number> = { critical: 2, urgent: 24, normal: 168 }

/** The time limit that goes with an urgency; null where none is known. */
export function limitOf(urgency: string | null): number | null {
  return urgency === null ? null : (LIMIT_OF_URGENCY[urgency] ?? null)
}

// Line breaks and tabs are text in a paragraph; all other control characters come from somebody's clipboard.
const CONTROLS = /[\x00-\x1f\x7f]/g
const CONTROLS_BUT_BREAKS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** The form as it is sent: no empty text, no control characters. */
export function tidied(form: RequestForm): RequestForm {
  const tidy: Record<string, unknown> = {}
  for (const field of FIELDS) {
    const value = form[field]
    tidy[field] = typeof value === 'string' ? tidiedText(field, value) : value
  }
  return tidy as unknown as RequestForm
}

function tidiedText(field: Field, text: string): string | null {
  const clean =
    field === 'content' ? text.replace(/\r\n?/g, '\n').replace(CONTROLS_BUT_BREAKS, '') : text.replace(CONTROLS, ' ')
  return clean.trim() === '' ? null : clean
}

/** Whether two forms say the same. */
export function sameForm(one: RequestForm, other: RequestForm): boolean {
  return FIELDS.every((field) => one[field] === other[field])
}

/** Both changes to `base`; where both changed one field, `mine` holds. */
export function merged(base: RequestForm, mine: RequestForm, theirs: RequestForm): RequestForm {
  const result: Record<string, unknown> = {}
  for (const field of FIELDS) result[field] = mine[field] === base[field] ? theirs[field] : mine[field]
  return result as unknown as RequestForm
}

/** Required fields in which nothing is said. */
export function missingFields(form: RequestForm): Field[] {
  const said = tidied(form)
  return REQUIRED.filter((field) => said[field] === null)
}

/** Fields whose text the server would refuse. */
export function badFields(form: RequestForm): Field[] {
  const bad: Field[] = []
  if (form.contact_number !== null && !/^[0-9+*#() -]*$/.test(form.contact_number)) bad.push('contact_number')
  if (form.repeats !== null && form.repeats !== '' && !/^[0-9a-f]{32}$/.test(form.repeats)) bad.push('repeats')
  return bad
}
