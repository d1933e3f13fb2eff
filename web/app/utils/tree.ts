interface Node { id: string, parent_id: string | null, name: string }

/** Nested things in reading order: each under its parent, by name, with how deep it stands. Orphans stand at the top. */
export function nested<T extends Node>(items: readonly T[]): { item: T, depth: number }[] {
  const ids = new Set(items.map(item => item.id))
  const byParent = new Map<string, T[]>()
  for (const item of items) {
    const parent = item.parent_id && ids.has(item.parent_id) ? item.parent_id : ''
    byParent.set(parent, [...byParent.get(parent) ?? [], item])
  }
  const walk = (parent: string, depth: number): { item: T, depth: number }[] => [...byParent.get(parent) ?? []]
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap(item => [{ item, depth }, ...walk(item.id, depth + 1)])
  return walk('', 0)
}
