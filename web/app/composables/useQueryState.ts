import type { LocationQueryValue } from 'vue-router'

type Raw = LocationQueryValue | LocationQueryValue[] | undefined

export function listOf(raw: Raw): string[] {
  return (Array.isArray(raw) ? raw : [raw]).filter((value): value is string => Boolean(value))
}

/** State of a page that lives in its address, so that a link, the back button and a reload all show the same. */
export function useQueryState() {
  const route = useRoute()
  const router = useRouter()
  const path = route.path

  const list = (key: string) => listOf(route.query[key])
  const text = (key: string, otherwise = '') => list(key)[0] ?? otherwise

  function set(changes: Record<string, string | string[] | null>, push = false) {
    if (route.path !== path) return
    const query: Record<string, Raw> = { ...route.query }
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === '' || value.length === 0) query[key] = undefined
      else query[key] = value
    }
    void (push ? router.push({ query }) : router.replace({ query }))
  }
  return { list, text, set }
}
