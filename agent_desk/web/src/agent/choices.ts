/** Two levels of choices, the second searchable without the first: a street leads to its district. */

export interface Option {
  value: string
  label: string
}

export interface ParentOption extends Option {
  children: Option[]
}

/** `value` only tells groups apart: nobody can choose one. */
export interface OptionGroup extends Option {
  options: Option[]
}

/** What the second level offers: the children of `parent`; those of everybody, grouped, while it is null. */
export function childOptions(parents: readonly ParentOption[], parent: string | null): (Option | OptionGroup)[] {
  if (parent === null) return parents.map(({ value, label, children }) => ({ value, label, options: children }))
  return parents.find(({ value }) => value === parent)?.children ?? []
}

/** Whose child it is; null where nobody has it. */
export function parentOf(parents: readonly ParentOption[], child: string): string | null {
  return parents.find(({ children }) => children.some(({ value }) => value === child))?.value ?? null
}
