import {
  LngLatBounds, Map as MapLibre, MercatorCoordinate, NavigationControl, setWorkerUrl, type StyleSpecification, type TransformConstrainFunction,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import type { FeatureCollection, Point } from 'geojson'
import type { Site } from '~/client/types'
import { drawableLand } from '~/utils/land'

setWorkerUrl(workerUrl)

export function sitePoints(sites: readonly Site[]): FeatureCollection<Point> {
  return {
    type: 'FeatureCollection',
    features: sites.map(site => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [site.longitude!, site.latitude!] },
      properties: {
        id: site.id, count: site.device_count,
        state: site.device_count === 0 ? 'empty' : site.online_count === site.device_count ? 'well' : site.online_count ? 'partly' : 'down',
      },
    })),
  }
}

/** A colour of the theme, as MapLibre understands it: the browser turns oklch into RGB for us. */
function rgb(token: string): string {
  const canvas = document.createElement('canvas').getContext('2d')!
  canvas.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token).trim()
  canvas.fillRect(0, 0, 1, 1)
  const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data
  return `rgb(${r},${g},${b})`
}

export async function mapStyle(sites: readonly Site[]): Promise<StyleSpecification> {
  const { default: land } = await import('world-atlas/land-110m.json')
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: drawableLand(land) },
      sites: { type: 'geojson', data: sitePoints(sites) },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': rgb('--map-sea') } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': rgb('--map-land') } },
      {
        id: 'sites', type: 'circle', source: 'sites',
        paint: {
          'circle-radius': ['interpolate', ['linear'], ['get', 'count'], 0, 4, 10, 6, 100, 12, 1000, 18],
          'circle-color': ['match', ['get', 'state'], 'well', rgb('--dot-success'), 'partly', rgb('--ui-warning'), 'down', rgb('--ui-error'), rgb('--ui-text-dimmed')],
          'circle-stroke-width': 1.5,
          'circle-stroke-color': rgb('--ui-bg'),
          'circle-opacity': 0.9,
        },
      },
    ],
  }
}

const MOST_ZOOM = 7
/** A world of this zoom is 128 pixels wide: smaller, nobody would know it again. */
const LEAST_ZOOM = -2
const WORLD_PX = 512
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))

/**
 * Sites on both sides of the world are all shown in a low and wide panel: left alone, MapLibre would have the world fill
 * the panel's width, and cut off what lies north and south of it. A world that is smaller than the panel is in its middle.
 */
function wholeWorld(container: HTMLElement): TransformConstrainFunction {
  return (wanted, wantedZoom) => {
    const zoom = clamp(wantedZoom, LEAST_ZOOM, MOST_ZOOM)
    const held = (place: number, span: number) => {
      const margin = Math.min(0.5, span / 2 / (WORLD_PX * 2 ** zoom))
      return clamp(place, margin, 1 - margin)
    }
    const { x, y } = MercatorCoordinate.fromLngLat(wanted)
    return { center: new MercatorCoordinate(held(x, container.clientWidth), held(y, container.clientHeight)).toLngLat(), zoom }
  }
}

/** Moves the map to the sites that there are. */
export function fitSites(map: MapLibre, sites: readonly Site[]): void {
  const bounds = sites.reduce((box, site) => box.extend([site.longitude!, site.latitude!]), new LngLatBounds())
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: 32, maxZoom: 4, animate: false })
}

/** A map of the sites, fitted to them until somebody moves it. Throws where WebGL is missing. */
export async function createSiteMap(container: HTMLElement, sites: () => readonly Site[]): Promise<MapLibre> {
  const map = new MapLibre({
    container, style: await mapStyle(sites()), attributionControl: false, minZoom: LEAST_ZOOM, maxZoom: MOST_ZOOM, dragRotate: false,
    pitchWithRotate: false, cooperativeGestures: true, renderWorldCopies: false, transformConstrain: wholeWorld(container),
  })
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  let moved = false
  map.on('movestart', (event) => { moved ||= Boolean(event.originalEvent) })
  const fit = () => { if (!moved) fitSites(map, sites()) }
  map.on('resize', fit)
  fit()
  return map
}
