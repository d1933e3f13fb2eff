import { LngLatBounds, Map as MapLibre, NavigationControl, setWorkerUrl, type StyleSpecification } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { FeatureCollection, MultiPolygon, Point, Position } from 'geojson'
import type { Site } from '~/client/types'

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

/**
 * A ring that crosses the date line, carried on past 180° instead of thrown back to -180°, where it would become a band
 * around the world. Antarctica's edge along the pole is a jump that is meant.
 */
export function unrolled(ring: readonly Position[]): Position[] {
  let turn = 0
  return ring.map(([longitude, latitude], index) => {
    const before = ring[index - 1]?.[0]
    const jump = before === undefined ? 0 : longitude! - before
    if (Math.abs(jump) > 180 && latitude! > -80) turn -= Math.sign(jump) * 360
    return [longitude! + turn, latitude!]
  })
}

function drawableLand(land: unknown): MultiPolygon {
  const topology = land as Topology<{ land: GeometryCollection }>
  const { features } = feature(topology, topology.objects.land) as unknown as FeatureCollection<MultiPolygon>
  const coordinates = features.flatMap(one => one.geometry.coordinates).map(rings => rings.map(unrolled))
  return { type: 'MultiPolygon', coordinates }
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

/** A map of the sites, fitted to them. Throws where WebGL is missing. */
export async function createSiteMap(container: HTMLElement, sites: readonly Site[]): Promise<MapLibre> {
  const bounds = sites.reduce((box, site) => box.extend([site.longitude!, site.latitude!]), new LngLatBounds())
  const map = new MapLibre({
    container, style: await mapStyle(sites), attributionControl: false, maxZoom: 7, dragRotate: false, pitchWithRotate: false,
    cooperativeGestures: true, renderWorldCopies: false, bounds, fitBoundsOptions: { padding: 32, maxZoom: 4 },
  })
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  return map
}
