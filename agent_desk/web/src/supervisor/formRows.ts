/** A confirmed form as lines to read: only what was said, ids as names. */

import type { District, RequestForm, Settings } from '../api/types'
import { nameOf } from '../words'
import type { Words } from '../words/zh'

/** Name and value of each field in which something was said. */
export function formRows(
  form: RequestForm,
  settings: Settings,
  districts: readonly District[],
  words: Words,
  hours: (hours: number) => string,
): [string, string][] {
  const category = settings.categories.find(({ id }) => id === form.category)
  const district = districts.find(({ code }) => code === form.district)
  const street = district?.streets.find(({ code }) => code === form.street)
  const said: [keyof RequestForm, string | null][] = [
    ['request_type', nameOf(settings.request_types, form.request_type)],
    ['category', nameOf(settings.categories, form.category)],
    ['subcategory', nameOf(category?.children ?? [], form.subcategory)],
    ['title', form.title],
    ['content', form.content],
    ['event_time', form.event_time?.replace('T', ' ') ?? null],
    ['target', form.target],
    ['district', district?.name ?? form.district],
    ['street', street?.name ?? form.street],
    ['community', form.community],
    ['address', form.address],
    ['point', form.point],
    ['name', form.name],
    ['gender', nameOf(settings.genders, form.gender)],
    ['contact_number', form.contact_number],
    ['urgency', nameOf(settings.urgencies, form.urgency)],
    ['time_limit_hours', form.time_limit_hours === null ? null : hours(form.time_limit_hours)],
    ['confidential', form.confidential ? words.records.yes : null],
    ['callback_wanted', form.callback_wanted ? words.records.yes : null],
    ['repeated', form.repeated ? words.records.yes : null],
    ['repeats', form.repeats],
  ]
  return said.flatMap(([field, value]) => (value === null || value === '' ? [] : [[words.form.fields[field], value]]))
}
