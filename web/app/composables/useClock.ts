import { createSharedComposable, useLocalStorage, useTimestamp } from '@vueuse/core'

/** One clock for every relative time on the page. */
export const useNowMs = createSharedComposable(() => useTimestamp({ interval: 5000 }))

export type ZoneChoice = 'mine' | 'organisation' | 'utc'

/** The time zone that times are shown in: the reader's own, the organisation's, or UTC. It is always named. */
export const useZone = createSharedComposable(() => {
  const choice = useLocalStorage<ZoneChoice>('tikfleet-zone', 'mine')
  const organisation = ref<string | null>(null)
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
  const zone = computed(() => {
    if (choice.value === 'utc') return 'UTC'
    return choice.value === 'organisation' && organisation.value ? organisation.value : mine
  })
  return { choice, organisation, mine, zone }
})
