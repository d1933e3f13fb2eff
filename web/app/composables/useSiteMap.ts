import type { Map as MapLibre } from 'maplibre-gl'
import type { Site } from '~/client/types'

interface Shown { site: Site, x: number, y: number }

/** A MapLibre map of the sites, loaded on first use. Hovering shows a site, pressing opens it. */
export function useSiteMap(box: Readonly<Ref<HTMLElement | null>>, sites: () => Site[], open: (id: string) => void) {
  const shown = shallowRef<Shown | null>(null)
  const failed = ref(false)
  const colorMode = useColorMode()
  let map: MapLibre | null = null

  async function draw() {
    const { createSiteMap, sitePoints } = await import('~/utils/siteMap')
    if (!box.value) return
    try {
      map = await createSiteMap(box.value, sites)
    } catch {
      failed.value = true
      return
    }
    map.on('mousemove', 'sites', (event) => {
      const id = event.features?.[0]?.properties.id as string
      const site = sites().find(one => one.id === id)
      map!.getCanvas().style.cursor = 'pointer'
      shown.value = site ? { site, x: event.point.x, y: event.point.y } : null
    })
    map.on('mouseleave', 'sites', () => {
      map!.getCanvas().style.cursor = ''
      shown.value = null
    })
    map.on('click', 'sites', event => open(event.features?.[0]?.properties.id as string))
    watch(sites, now => map?.getSource<import('maplibre-gl').GeoJSONSource>('sites')?.setData(sitePoints(now)))
    watch(() => colorMode.value, async () => {
      await nextTick()
      const { mapStyle } = await import('~/utils/siteMap')
      map?.setStyle(await mapStyle(sites()))
    })
  }

  onMounted(draw)
  onBeforeUnmount(() => map?.remove())
  return { shown, failed }
}
